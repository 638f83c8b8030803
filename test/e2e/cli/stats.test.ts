import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

const TASKS = `
import { defineTask, FatalError } from "lovage";
export const good = defineTask({ name: "sum.good", run: () => 1 });
export const bad = defineTask({ name: "sum.bad", queue: "bad", run: () => { throw new FatalError("user 42 \\u001b[31mis unknown"); } });
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "sum.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], { cwd: folder.path });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
  await run("call", "sum.good", "--wait");
  await run("call", "sum.good", "--wait");
  await run("call", "sum.bad", "--wait");
});
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...args: string[]) {
  return runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
}

describe("lovage stats", () => {
  test("prints statistics of all tasks, and of each definition", async () => {
    const { exitCode, stdout, stderr } = await run("stats");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^Workers: 1 online, 0 lost\. Now: 0 queued, 0 started, /);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual([
      ...["NAME", "SUCCESS", "FAILURE", "RATE", "RETRIED", "REVOKED", "EXPIRED"],
      ...["P50", "P95", "P99", "WAIT P95"],
    ]);
    const facts = (name: string): readonly string[] => lines.find(([first]) => first === name)!.slice(1, 7);
    expect(facts("(all tasks)")).toEqual(["2", "1", "33.3 %", "0", "0", "0"]);
    expect(facts("sum.good")).toEqual(["2", "0", "0 %", "0", "0", "0"]);
    expect(facts("sum.bad")).toEqual(["0", "1", "100 %", "0", "0", "0"]);
  });

  test("of one definition or one queue, over a window, as JSON", async () => {
    const read = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await run("stats", "--json", ...args)).stdout);
    const counts = { success: 0, failure: 1 };
    expect(await read("--task", "sum.bad", "--window", "7d")).toMatchObject([
      { name: "sum.bad", counts, failureRate: 1 },
    ]);
    expect(await read("--queue", "bad", "--window", "last_month")).toMatchObject([{ name: "bad", counts }]);
  });

  test.each([
    [["--window", "2h"], 2, /--window: expected 5m, 1h, 6h, 1d, 7d or 30d, got "2h"/],
    [["--task", "a", "--queue", "b"], 2, /--task: expected without --queue/],
    [
      ["--task", "sum.none"],
      3,
      /the server has no task named "sum\.none"\. See the task definitions with `lovage definitions`/,
    ],
    [["--queue", "none"], 3, /the server has no queue named "none"/],
  ])("%j is refused", async (args, exitCode, message) => {
    expect(await run("stats", ...args)).toMatchObject({ exitCode, stderr: expect.stringMatching(message) });
  });
});

describe("lovage failures", () => {
  test("prints why tasks failed, in plain text, and the newest of them", async () => {
    const { stdout } = await run("failures", "--window", "1h");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toMatch(
      /^1 +sum\.bad +FatalError: user 42 is unknown +\S+Z +\S+Z +[\da-f-]{36} +[\da-f]{16}$/m,
    );
    const [group] = JSON.parse((await run("failures", "--json", "--first", "1")).stdout) as {
      name: string;
    }[];
    expect(group).toMatchObject({ name: "sum.bad", type: "FatalError", count: 1 });
  });

  test.each(["0", "201", "many"])("--first %s is refused", async (first) => {
    const { exitCode, stderr } = await run("failures", "--first", first);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--first: expected an integer from 1 to 200, got "${first}"`);
  });
});
