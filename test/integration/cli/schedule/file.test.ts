import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readScheduleFile, writeSchedules } from "../../../../src/cli/commands/schedules/file.ts";
import { describeIssue, type Issue } from "../../../../src/errors.ts";
import type { ScheduleSpec } from "../../../../src/task/schedule/schedule.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const folder = await tempDir();
afterAll(() => folder[Symbol.asyncDispose]());

async function read(text: string, name = "s.yaml") {
  const path = join(folder.path, name);
  await writeFile(path, text);
  const issues: Issue[] = [];
  const inputs = await readScheduleFile(path, issues).catch((error: Error) => {
    throw new Error(error.message.replace(`${folder.path}/`, ""));
  });
  return { inputs, issues: issues.map(describeIssue) };
}

const SPEC: ScheduleSpec = {
  name: "yes",
  description: "1: a\nb",
  enabled: true,
  taskName: "any",
  args: { text: "no", empty: "", deep: [null, { n: 1.5 }] },
  options: { queue: "slow" },
  timing: { kind: "crontab", expression: "*/5 * * * *" },
  timeZone: "Asia/Shanghai",
  startAt: new Date("2030-01-01T00:00:00Z"),
  endAt: null,
  maxRuns: 5,
  overlap: "SKIP",
  misfire: "FIRE_ONCE",
  jitterMs: 1_500,
};

describe("a file of schedules", () => {
  test.each(["yaml", "json"] as const)("as %s has the written content", async (format) => {
    const { inputs, issues } = await read(writeSchedules([SPEC], format), `written.${format}`);
    expect({ inputs, issues }).toEqual({
      inputs: [
        {
          name: "yes",
          description: "1: a\nb",
          enabled: true,
          taskName: "any",
          args: { text: "no", empty: "", deep: [null, { n: 1.5 }] },
          options: { queue: "slow" },
          timing: { crontab: "*/5 * * * *" },
          timeZone: "Asia/Shanghai",
          startAt: "2030-01-01T00:00:00.000Z",
          maxRuns: 5,
          overlap: "SKIP",
          jitter: "PT1.5S",
        },
      ],
      issues: [],
    });
  });

  test("may be the list alone, in JSON with tabs, and null counts as left out", async () => {
    const text = '[\n\t{"name": "a", "taskName": "b", "timing": {"crontab": "@daily"}, "endAt": null}\n]';
    expect(await read(text, "list.txt")).toEqual({
      inputs: [{ name: "a", taskName: "b", timing: { crontab: "@daily" }, options: {} }],
      issues: [],
    });
  });

  test("mistakes name schedule, field, value and rule, all at once", async () => {
    const text = `
schedules:
  - name: a
    taskName: b
    timeing: {crontab: "@daily"}
  - taskName: 5
    timing: {cron: "@daily"}
    enabled: "yes"
  - nonsense
  - {name: c, taskName: d, timing: {interval: {every: 5s}}, options: {tags: x, qeue: y}, jitter: [1]}
  - {name: c, taskName: d, timing: {interval: {every: 5s}}}
  - {name: c, taskName: d, timing: {interval: {every: 5s}}}
`;
    expect((await read(text)).issues).toEqual([
      "a.timing: expected a value, got none.",
      'a.timeing: is not a field of a schedule. Did you mean "timing"?',
      "schedules.1.name: expected a value, got none.",
      "schedules.1.taskName: expected a string, got 5.",
      'schedules.1.enabled: expected true or false, got "yes".',
      'schedules.1.timing.cron: is not a kind of timing. Did you mean "crontab"?',
      'schedules.2: expected a schedule such as {"name": "nightly", "taskName": "report.make", "timing": {"crontab": "0 3 * * *"}}, got "nonsense".',
      'c.jitter: expected a duration such as "90s", got [1].',
      'c.options.tags: expected an array of strings, got "x".',
      'c.options.qeue: is not an option of a task. Did you mean "queue"?',
      "c: expected a unique name, got it twice. Rename one of them.",
    ]);
  });

  test.each([
    ["{", "s.json", /^s\.json: .*JSON.*\.$/],
    ["schedules:\n  - name: a\n   taskName: b\n", "s.yaml", /^s\.yaml:3:\d+: .*\.$/],
    ["a: 1\n---\nb: 2\n", "s.yaml", /^s\.yaml:2:1: .*document.*\.$/],
    ["", "s.yaml", 's.yaml: expected {"schedules": […]} or an array of schedules, got null.'],
    [
      "schedules: {}",
      "s.yaml",
      's.yaml: expected {"schedules": […]} or an array of schedules, got {"schedules":{}}.',
    ],
    ["- &a [x]\n- *b", "s.yaml", /^s\.yaml.*b.*\.$/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh".replaceAll(/./g, (key) => {
        const before = String.fromCodePoint(key.codePointAt(0)! - 1);
        return `${key}: &${key} [${Array.from({ length: 9 }, () => `*${before}`).join(",")}]\n`;
      })}`,
      "s.yaml",
      /alias/,
    ],
  ])("%j is refused", async (text, name, message) => {
    await expect(read(text, name)).rejects.toThrow(message);
  });

  test("one that is not there is refused", async () => {
    await expect(readScheduleFile("/no/such/file.yaml", [])).rejects.toMatchObject({
      exitCode: 65,
      message: 'cannot read the file "/no/such/file.yaml" (ENOENT).',
      hint: 'Name a JSON or YAML file, or "-".',
    });
  });
});
