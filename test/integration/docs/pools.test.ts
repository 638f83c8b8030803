import { afterAll, beforeAll, expect, test } from "vitest";
import { CLI, runCli } from "../../support/run-cli.ts";
import { type Child, startChild } from "../../support/child.ts";
import { type DocExamples, docExamples } from "../../support/doc-examples.ts";

let examples: DocExamples;
let up: Child;
let url: string;

beforeAll(async () => {
  examples = await docExamples("docs/workers.md");
  const flags = ["--pool", "threads", "--pool-size", "1", "--max-tasks-per-child", "500"];
  const tasks = ["--tasks", "numbers.tasks.ts", "--max-memory-per-child", "256mb"];
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json", ...flags, ...tasks], {
    cwd: examples.dir,
  });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
}, 120_000);
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await examples[Symbol.asyncDispose]();
});

interface Called {
  readonly state: string;
  readonly result: unknown;
  readonly error: { readonly type: string } | null;
}

async function call(name: string, input: object = {}): Promise<Called> {
  const args = ["call", name, JSON.stringify(input), "--wait", "--json"];
  const { stdout, stderr } = await runCli(args, { cwd: examples.dir, env: { LOVAGE_URL: url } });
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout) as Called;
}

async function query(text: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: text }),
  });
  return ((await response.json()) as { data: unknown }).data;
}

test("each task runs in its own pool, or in its worker's", async () => {
  expect(await call("numbers.countPrimes", { below: 1_000_000 })).toMatchObject({
    ...{ state: "SUCCESS", result: 78_498 },
  });
  expect(await call("numbers.findAll", { pattern: "\\d+", text: "7 of 12" })).toMatchObject({
    ...{ state: "SUCCESS", result: ["7", "12"] },
  });
  const { result } = await call("numbers.whereAmI");
  expect(result).toEqual({ process: up.pid, thread: expect.any(Number) });
  expect((result as { thread: number }).thread).toBeGreaterThan(0);
});

test("a task that takes forever is ended after its time limit", async () => {
  const input = { pattern: "^(a+)+$", text: `${"a".repeat(60)}!` };
  expect(await call("numbers.findAll", input)).toMatchObject({
    ...{ state: "FAILURE", error: { type: "TimeLimitExceeded" } },
  });
});

test("the API shows the pools of definitions and workers", async () => {
  expect(await query("{ taskDefinitions { name pool } workers { pool { kind } } }")).toEqual({
    taskDefinitions: [
      { name: "numbers.countPrimes", pool: "THREADS" },
      { name: "numbers.findAll", pool: "PROCESSES" },
      { name: "numbers.whereAmI", pool: null },
    ],
    workers: [{ pool: { kind: "THREADS" } }],
  });
});
