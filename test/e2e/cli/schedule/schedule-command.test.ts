import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Child, startChild } from "../../../support/child.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { CLI, runCli } from "../../../support/run-cli.ts";

const TASKS = `
import { defineTask } from "lovage";
import { z } from "zod";

export const add = defineTask({
  name: "sum.add",
  input: z.object({ x: z.number(), y: z.number() }),
  schedules: [{ timing: { crontab: "0 0 1 1 *" }, timeZone: "UTC", args: { x: 0, y: 0 } }],
  run: ({ x, y }) => x + y,
});
export const any = defineTask({ name: "any.task", run: () => null });
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "sum.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], {
    cwd: folder.path,
    env: { TZ: "Asia/Shanghai" },
  });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
});
afterAll(async () => {
  await up?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function schedule(...args: string[]) {
  return runCli(["schedule", ...args], { cwd: folder.path, env: { LOVAGE_URL: url } });
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder.path, name), text);
  return name;
}

async function names(...args: string[]): Promise<string[]> {
  const { stdout } = await schedule("list", "--json", ...args);
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
}

describe("one schedule", () => {
  test("is created with every option that flags have, and described in words", async () => {
    const { exitCode, stdout, stderr } = await schedule(
      ...["add", "tock", "sum.add", "--cron", "30 9 * * MON-FRI", "--time-zone", "Europe/Vienna"],
      ...["--args", '{"x":1,"y":2}', "--options", '{"queue":"slow","meta":{"a":1}}', "--priority", "high"],
      ...["--expires-in", "90s", "--tag", "a", "b", "--description", "Half past nine", "--disabled"],
      ...["--start-at", "2026-01-01T00:00:00Z", "--end-at", "2090-01-01T00:00:00+08:00", "--max-runs", "9"],
      ...["--overlap", "cancel-previous", "--misfire", "skip", "--jitter", "5s"],
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe("✔ tock: at 09:30, Monday through Friday (Europe/Vienna), disabled\n");
    expect(JSON.parse((await schedule("show", "tock", "--json")).stdout)).toMatchObject({
      name: "tock",
      taskName: "sum.add",
      timing: { expression: "30 9 * * MON-FRI" },
      timeZone: "Europe/Vienna",
      args: { x: 1, y: 2 },
      options: { queue: "slow", meta: { a: 1 }, priority: "HIGH", expiresIn: "PT1M30S", tags: ["a", "b"] },
      description: "Half past nine",
      enabled: false,
      startAt: "2026-01-01T00:00:00.000Z",
      endAt: "2089-12-31T16:00:00.000Z",
      maxRuns: 9,
      overlap: "CANCEL_PREVIOUS",
      misfire: "SKIP",
      jitter: "PT5S",
      source: "API",
      version: 1,
    });
  });

  test("changes the given fields, and keeps the rest", async () => {
    const { exitCode, stdout, stderr } = await schedule(
      ...["update", "tock", "--end-at", "none", "--max-runs", "none", "--jitter", "none", "--queue", "fast"],
      ...["--description", "", "--enabled"],
    );
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: "changed: description, enabled, options, maxRuns, endAt, jitter\n",
    });
    expect(stdout).toMatch(
      /^✔ tock: at 09:30, Monday through Friday \(Europe\/Vienna\), next (?:in .*\()?\d{4}-\d\d-\d\d 09:30:00 Europe\/Vienna\)?\n$/,
    );
    expect(JSON.parse((await schedule("show", "tock", "--json")).stdout)).toMatchObject({
      options: { queue: "fast", meta: { a: 1 }, priority: "HIGH" },
      description: null,
      endAt: null,
      maxRuns: null,
      jitter: null,
      version: 2,
    });
    const again = await schedule("update", "tock", "--queue", "fast", "--args", '{"y":2,"x":1}');
    expect(again).toMatchObject({
      exitCode: 0,
      stderr: "Nothing to change: the schedule has these values already.\n",
    });
    const renamed = await schedule("update", "tock", "--rename", "tick", "--every", "1h", "--json");
    expect(JSON.parse(renamed.stdout)).toMatchObject({ name: "tick", summary: "every hour", version: 3 });
  });

  test("is run, switched and deleted by name", async () => {
    const ran = await schedule("run", "tick");
    expect(ran.stdout).toMatch(/^✔ sum\.add [0-9a-f-]{36} \w+\n$/);
    expect((await schedule("disable", "tick", "sum.add")).stdout).toBe(
      "✔ tick disabled\n✔ sum.add disabled\n",
    );
    expect((await schedule("show", "tick")).stdout).toMatch(
      /^state +disabled\n[^]*^last run +\S+ \S+ Europe\/Vienna: task [0-9a-f-]{36} \w+$/m,
    );
    expect(await names("--disabled")).toEqual(["sum.add", "tick"]);
    await schedule("enable", "sum.add");
    expect(await names("--enabled", "--task", "sum.add")).toEqual(["sum.add"]);
    expect(await names("--search", "TIC")).toEqual(["tick"]);
    const { stdout } = await schedule("list");
    expect(stdout).toMatch(/^tick +sum\.add +every hour +disabled +- +\S+Z +0 +API$/m);
    expect(stdout).toMatch(/^sum\.add +sum\.add +.* enabled +\S+Z +- +0 +CODE$/m);
    expect(await schedule("delete", "tick", "sum.add")).toMatchObject({
      exitCode: 65,
      stderr: expect.stringMatching(/^✗ .*"sum\.add" comes from code/),
    });
    expect(await schedule("delete", "tick")).toMatchObject({ exitCode: 0, stdout: "✔ tick deleted\n" });
  });
});

describe.concurrent("a mistake", () => {
  const every = ["--every", "5s"];
  test.each<[readonly string[], number, string]>([
    [
      ["add", "a", "sum.ad", ...every],
      3,
      '✗ task: Task "sum.ad" is not registered. Did you mean "sum.add"? See `lovage definitions`. Nothing was sent.\n',
    ],
    [
      ["add", "a", "sum.add", ...every, "--args", '{"x":"1"}'],
      65,
      '✗ args.x: expected number, got "1".\n✗ args.y: expected number, but it is missing. Nothing was sent.\n',
    ],
    [
      ["add", " a", "any.task", "--cron", "61 * * * *", "--time-zone", "Europe/Wien", "--priority", "urgent"],
      2,
      '✗ --time-zone: expected the IANA name of a time zone, got "Europe/Wien". Did you mean "Europe/Vienna"?\n' +
        '✗ name: expected 1 to 128 visible characters, without spaces at its ends, got " a".\n' +
        '✗ --cron: Field minute: 61 is over 59 (position 1). For example "30 9 * * MON-FRI".\n' +
        '✗ --priority: expected one of LOW, NORMAL, HIGH, CRITICAL, got "URGENT".\n',
    ],
    [
      ["add", "a", "any.task"],
      2,
      '✗ expected one of --every, --cron, --at and --solar, got none. For example --every 5m, or --cron "30 9 * * MON-FRI".\n',
    ],
    [
      ["add", "a", "any.task", ...every, "--options", '{"runAt":"x","qeue":1}', "--max-runs", "few"],
      2,
      '✗ --options.qeue: is not an option of a task. Did you mean "queue"?\n✗ --max-runs: expected an integer, got "few".\n',
    ],
    [
      ["add", "a", "any.task", ...every, "--args", "{x}"],
      65,
      expect.stringMatching(/^✗ --args: expected JSON, got "\{x\}"\. .*\. Quote it for the shell: .*\n$/),
    ],
    [
      ["add", "sum.add", "any.task", ...every],
      65,
      '✗ name: A schedule named "sum.add" exists. Change that one, or take another name.\n',
    ],
    [
      ["update", "sum.add", "--every", "6s"],
      65,
      expect.stringMatching(/^✗ .*"sum\.add" comes from code: here it can only be enabled and disabled\./),
    ],
    [
      ["update", "sum.add"],
      2,
      "✗ expected at least one option to change, got none. For example --every 10m. See `lovage schedule update --help`.\n",
    ],
    [
      ["disable", "sum.add", "sum.ad"],
      3,
      '✗ there is no schedule named "sum.ad". Did you mean "sum.add"? See `lovage schedule list`.\n',
    ],
    [["list", "--enabled", "--disabled"], 2, "✗ --enabled: expected without --disabled.\n"],
    [["list", "--serch", "x"], 2, '✗ unknown option "--serch". Did you mean "--search"?\n'],
    [["lst"], 2, '✗ unknown command "lst". Did you mean "list"?\n'],
    [
      ["export", "--format", "yml"],
      2,
      '✗ --format: expected json or yaml, got "yml". Did you mean "yaml"?\n',
    ],
    [
      ["preview", "--cron", "0 0 31 2 *", "--time-zone", "UTC"],
      2,
      "✗ --cron: This schedule has no run in the next 10 years. Check the day of the month against the months.\n",
    ],
    [
      ["preview", "--time-zone", "Wien", "--count", "0", "--lang", "de", ...every],
      2,
      expect.stringMatching(
        /^✗ --time-zone: .*\n✗ --count: .*got "0"\.\n✗ --lang: expected en or zh, got "de"\.\n$/,
      ),
    ],
  ])("%j", async (args, exitCode, stderr) => {
    expect(await schedule(...args)).toEqual({ exitCode, stdout: "", stderr });
  });

  test("with --json is one object", async () => {
    const { exitCode, stderr } = await schedule("show", "sum.ad", "--json");
    expect(exitCode).toBe(3);
    expect(JSON.parse(stderr)).toEqual({
      code: "NOT_FOUND",
      message: 'there is no schedule named "sum.ad". Did you mean "sum.add"?',
      hint: "See `lovage schedule list`.",
    });
  });

  test("a server that is not there", async () => {
    const away = ["--url", "http://127.0.0.1:1"];
    expect((await schedule("list", ...away)).exitCode).toBe(69);
    expect((await schedule("add", "a", "any.task", ...every, ...away)).exitCode).toBe(69);
  });
});

test("a timing is previewed in both languages, with the changes of the clocks", async () => {
  const cron = ["preview", "--cron", "30 2 * * *", "--time-zone", "Europe/Vienna", "--count", "2"];
  const { stdout, stderr } = await schedule(...cron);
  expect(stdout).toMatch(/^.*at 02:30 \(Europe\/Vienna\)\n(\S+ 02:30:00 Europe\/Vienna\n){2}$/);
  expect(stderr).toMatch(/^! In Europe\/Vienna the clocks are set (?:forward|back)/);
  expect((await schedule(...cron, "--lang", "zh")).stdout).toMatch(/^每天 02:30\(Europe\/Vienna\)\n/);
  const solar = await schedule(
    ...["preview", "--solar", "sunset", "--latitude", "-33.9", "--longitude", "18.4", "--json"],
  );
  expect((JSON.parse(solar.stdout) as { nextRuns: string[] }).nextRuns).toHaveLength(5);
});

const FILE = `
schedules:
  - name: nightly
    taskName: sum.add
    timing: {crontab: "0 3 * * *"}
    args: {x: 1, y: 2}
    options: {expiresIn: 90s}
  - {name: dawn, taskName: any.task, timing: {solar: {event: DAWN_CIVIL, latitude: 48.2, longitude: 16.4}}}
  - {name: often, taskName: any.task, timing: {interval: {every: 1h}}, enabled: false}
`;

describe("a file", () => {
  test("is imported, once", async () => {
    const path = await file("s.yaml", FILE);
    const dry = await schedule("import", path, "--dry-run");
    const made = "+ nightly\n+ dawn\n+ often\n= 0 unchanged\n";
    expect(dry).toEqual({ exitCode: 0, stdout: made, stderr: "Nothing was changed: --dry-run.\n" });
    expect(await names()).toEqual(["sum.add"]);
    expect(await schedule("import", path)).toEqual({ exitCode: 0, stdout: made, stderr: "" });
    expect(await schedule("import", path)).toEqual({ exitCode: 0, stdout: "= 3 unchanged\n", stderr: "" });
    const shown = JSON.parse((await schedule("show", "nightly", "--json")).stdout) as unknown;
    expect(shown).toMatchObject({ timeZone: "Asia/Shanghai", version: 1, options: { expiresIn: "PT1M30S" } });
  });

  test("an exported file equals the existing schedules", async () => {
    for (const format of ["yaml", "json"]) {
      const { stdout } = await schedule("export", "--format", format);
      const again = await runCli(["schedule", "import", "-", "--prune"], {
        cwd: folder.path,
        env: { LOVAGE_URL: url },
        stdin: stdout,
      });
      expect(again).toEqual({ exitCode: 0, stdout: "= 3 unchanged\n", stderr: "" });
    }
    expect((await schedule("export", "often")).stdout).toBe(
      "schedules:\n  - name: often\n    taskName: any.task\n    timing:\n      interval:\n        every: PT1H\n" +
        "    timeZone: Asia/Shanghai\n    enabled: false\n",
    );
    const fromCode = await schedule("export", "sum.add", "--json");
    expect(fromCode.stderr).toMatch(/^! sum\.add: from code; /);
    expect(JSON.parse(fromCode.stdout)).toMatchObject({ schedules: [{ name: "sum.add" }] });
  });

  test("with any mistake changes nothing, and reports all mistakes", async () => {
    const bad = await file(
      "bad.yaml",
      `${FILE}  - {name: new, taskName: sum.add, timing: {crontab: "0 9 * *"}, args: {x: 1}}
  - {name: sum.add, taskName: any.task, timing: {clocked: "2020-01-01T00:00:00Z"}}
`,
    );
    const { exitCode, stdout, stderr } = await schedule("import", bad, "--prune");
    expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(
        [
          "^✗ new\\.timing\\.crontab: The expression has 4 fields; .* \\(position 1\\)\\. .*",
          "✗ new\\.args\\.y: expected number, but it is missing\\.",
          "✗ sum\\.add\\.timing\\.clocked: expected a time after .*, got 2020-01-01T00:00:00\\.000Z\\. .*",
          "✗ sum\\.add: comes from code, and this would change \\[.*\\]\\. .* Nothing was changed\\.\n$",
        ].join("\n"),
      ),
    );
    expect(await names()).toEqual(["dawn", "nightly", "often", "sum.add"]);
  });

  test("a file with other values changes the differences; --prune deletes missing schedules, and none of the code", async () => {
    const changed = FILE.replace('"0 3 * * *"', '"0 4 * * *"').replace("x: 1, y: 2", "x: 5, y: 2");
    const path = await file("s.json", JSON.stringify({ schedules: [] }));
    const changedPath = await file("t.yml", changed.replace(/^.*dawn.*\n/m, ""));
    const { stdout } = await schedule("import", changedPath);
    expect(stdout).toBe(
      '~ nightly: args {"x":1,"y":2} -> {"x":5,"y":2}\n' +
        '~ nightly: timing {"crontab":"0 3 * * *"} -> {"crontab":"0 4 * * *"}\n= 1 unchanged\n',
    );
    const pruned = await schedule("import", changedPath, "--prune", "--json");
    expect(JSON.parse(pruned.stdout)).toEqual({
      dryRun: false,
      created: [],
      updated: [],
      deleted: ["dawn"],
      unchanged: ["nightly", "often"],
    });
    expect((await schedule("import", path, "--prune")).stdout).toBe("- nightly\n- often\n= 0 unchanged\n");
    expect(await names()).toEqual(["sum.add"]);
  });
});
