import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

const TASKS = `
import { defineTask, FatalError } from "lovage";
import { z } from "zod";

export const add = defineTask({
  name: "sum.add",
  description: "Adds.",
  input: z.object({ x: z.number(), y: z.number() }),
  run: ({ x, y }) => x + y,
});
export const fail = defineTask({
  name: "sum.fail",
  run: () => { throw new FatalError("never \\u001b[31mworks", { cause: new RangeError("too far") }); },
});
export const child = defineTask({ name: "sum.child", pool: "processes", run: () => process.pid });
export const slow = defineTask({
  name: "sum.slow",
  run: (_input, ctx) => new Promise((resolve, reject) => {
    ctx.progress(1, 4, "waiting");
    ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
  }),
});
`;

const CONFIG = `
import { defineConfig, RefusedError } from "lovage";

export default defineConfig({
  hooks: { "task:succeeded": ({ task, output }) => task.name === "sum.child" && console.log("hook", JSON.stringify(output)) },
  middleware: [{
    enqueue: ({ args }) => {
      if (args.x === 99) throw new RefusedError([{ code: "FORBIDDEN", message: "is not for you.", path: ["args", "x"] }]);
    },
    run: async (ctx, next) => ctx.name === "sum.child" ? { wrapped: await next(), pid: process.pid } : next(),
  }],
});
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "sum.tasks.mjs"), TASKS);
  await writeFile(join(folder.path, "lovage.config.mjs"), CONFIG);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], {
    cwd: folder.path,
    env: { LOVAGE_GRACE_TIME: "10m" },
  });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
});
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...args: string[]) {
  return runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
}

interface CalledTask {
  readonly id: string;
  readonly state: string;
  readonly result: unknown;
  readonly tags: readonly string[];
  readonly queue: string;
  readonly deduplicated: boolean;
}

describe("lovage call", () => {
  test("--wait prints the result on stdout", async () => {
    const { exitCode, stdout } = await run("call", "sum.add", '{"x":2,"y":3}', "--wait");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✔ sum\.add [0-9a-f-]{36} SUCCESS in \d+ ms → 5\n$/);
  });

  test("--wait --json prints one object and nothing else", async () => {
    const { exitCode, stdout, stderr } = await run(
      "call",
      "sum.add",
      '{"x":2,"y":3}',
      "--wait",
      "--json",
      "--tag",
      "a",
      "b",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      state: "SUCCESS",
      result: 5,
      tags: ["a", "b"],
      deduplicated: false,
    });
  });

  test("a task that fails ends with 1 and its error and the cause on stderr, control characters left out", async () => {
    const { exitCode, stdout, stderr } = await run("call", "sum.fail", "--wait");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(
      /^✗ sum\.fail [0-9a-f-]{36} FAILURE in .*, attempt 1 of \d+: FatalError: never works \(caused by RangeError: too far\)\n$/m,
    );
  });

  test("input comes from standard input, and options reach the task", async () => {
    const { stdout } = await runCli(
      ["call", "sum.add", "-", "--json", "--queue", "other", "--delay", "1h", "--priority", "high"],
      {
        cwd: folder.path,
        env: { LOVAGE_URL: url },
        stdin: '{"x":1,"y":1}',
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ state: "SCHEDULED", queue: "other", priority: "HIGH" });
  });

  test("hooks and middleware of lovage.config apply, also to tasks in child processes", async () => {
    const { stdout } = await run("call", "sum.child", "{}", "--wait", "--json");
    const { wrapped, pid } = (JSON.parse(stdout) as { result: { wrapped: number; pid: number } }).result;
    expect(wrapped).toBe(pid);
    expect(await up.waitForLine(/^hook /, 10_000)).toBe(`hook {"wrapped":${pid},"pid":${pid}}`);
    const refused = await run("call", "sum.add", '{"x":99,"y":0}');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toMatch(/args\.x: is not for you/);
  });

  test("time limits reach the task; together they must make sense", async () => {
    const call = (...flags: string[]) => run("call", "sum.slow", "{}", "--wait", ...flags);
    const soft = await call("--time-limit", "1h", "--soft-time-limit", "50ms", "--max-attempts", "1");
    expect(soft.exitCode).toBe(1);
    expect(soft.stderr).toMatch(
      /SoftTimeLimitExceeded: The attempt ran longer than its soft time limit of 50 ms/,
    );
    const refused = await call("--time-limit", "1s", "--soft-time-limit", "1m");
    expect(refused.stderr).toMatch(/^✗ --soft-time-limit: expected less than the time limit, PT1S, got PT1M/);
  });

  test("the same idempotency key gives the same task; with other input it is refused", async () => {
    const call = (x: number) =>
      run("call", "sum.add", `{"x":${x},"y":0}`, "--idempotency-key", "once", "--json");
    const first = JSON.parse((await call(1)).stdout) as CalledTask;
    expect(JSON.parse((await call(1)).stdout)).toMatchObject({ id: first.id, deduplicated: true });
    const other = await call(2);
    expect(other.exitCode).toBe(65);
    expect(JSON.parse(other.stderr)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining(first.id),
    });
  });

  test("input that does not fit is refused by path before it is sent", async () => {
    const { exitCode, stderr } = await run("call", "sum.add", '{"x":"2","z":1}');
    expect(exitCode).toBe(65);
    expect(stderr).toBe(
      '✗ args.x: expected number, got "2".\n' +
        "✗ args.y: expected number, but it is missing.\n" +
        "✗ args.z: is not allowed. Allowed: x, y. Nothing was sent.\n",
    );
  });

  test("a name that is not there gives the nearest one", async () => {
    const { exitCode, stderr } = await run("call", "sum.ad", "{}");
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      '✗ the server has no task definition named "sum.ad". Did you mean "sum.add"? See `lovage definitions`.\n',
    );
  });

  test("--timeout ends the wait with 75, not the task", async () => {
    const { exitCode, stderr } = await run("call", "sum.slow", "--wait", "--timeout", "1s");
    expect(exitCode).toBe(75);
    const id = /sum\.slow ([0-9a-f-]{36}) is STARTED after 1 s\./.exec(stderr)?.[1];
    expect(stderr).toMatch(/… sum\.slow STARTED by worker@\S+, 1 of 4 \(25 %\) waiting/);
    const shown = await run("task", id!);
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^state +STARTED$/m) });
  });
});

test("lovage result waits for the end and prints the result", async () => {
  const idOf = async (...args: string[]): Promise<string> =>
    (JSON.parse((await run("call", ...args, "--json")).stdout) as CalledTask).id;
  const sum = await idOf(
    "sum.add",
    '{"x":2,"y":3}',
    "--delay",
    "500ms",
    "--results-expire",
    "success=1h,failure=2h",
  );
  expect(await run("result", sum)).toMatchObject({ exitCode: 0, stdout: "5\n" });
  const ignored = await idOf("sum.add", '{"x":2,"y":3}', "--ignore-result");
  expect(await run("result", ignored, "--json")).toMatchObject({ exitCode: 0, stdout: "null\n" });
  const failed = await run("result", await idOf("sum.fail"));
  expect(failed).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^✗ sum\.fail \S+ ended as FAILURE: FatalError: never/),
  });
  const late = await run(
    "result",
    await idOf("sum.add", '{"x":1,"y":1}', "--delay", "1h"),
    "--timeout",
    "300ms",
  );
  expect(late.exitCode).toBe(75);
  expect((await run("result", "01980000-0000-7000-8000-000000000000")).exitCode).toBe(3);
  expect((await run("result", "7")).exitCode).toBe(65);
});

test("--on-conflict, --debounce and --max-wait decide about a second call", async () => {
  const call = async (x: number, ...flags: string[]) =>
    run("call", "sum.add", `{"x":${x},"y":0}`, "--unique-key", "cli", "--json", ...flags);
  const first = JSON.parse((await call(1, "--debounce", "1h", "--max-wait", "2h")).stdout) as CalledTask;
  const refused = await call(2, "--on-conflict", "reject");
  expect(refused.exitCode).toBe(65);
  expect(refused.stderr).toContain(first.id);
  const replaced = JSON.parse((await call(3, "--on-conflict", "replace")).stdout) as CalledTask;
  expect([replaced.id, replaced.deduplicated]).toEqual([first.id, true]);
  expect(await run("result", first.id)).toMatchObject({ exitCode: 0, stdout: "3\n" });
  const wrong = await run("call", "sum.add", "{}", "--debounce", "soon", "--on-conflict", "keep");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(/--on-conflict: expected one of RETURN, REPLACE, REJECT, got "KEEP"\./);
  expect(wrong.stderr).toMatch(/--debounce: expected a duration/);
});

test("definitions, tasks, workers and queues list their objects", async () => {
  expect((await run("tasks", "--task", "sum.fail")).stdout).toMatch(
    /^[0-9a-f-]{36} +sum\.fail +FAILURE +default /m,
  );
  expect((await run("definitions")).stdout).toMatch(
    /^sum\.add +default +NORMAL +\d+ +enqueueSumAdd +Adds\.$/m,
  );
  expect((await run("workers")).stdout).toMatch(/^worker@\S+ +ONLINE +\d+\/32 /m);
  expect((await run("queues")).stdout).toMatch(/^default +\d+ +\d+ +\d+ /m);
  expect((await run("task", "01980000-0000-7000-8000-000000000000")).exitCode).toBe(3);
});

test("a second process on the same folder, and on the same port, is refused in one line", async () => {
  const port = new URL(url).port;
  const [sameFolder, samePort] = await Promise.all([
    run("up", "--port", "0"),
    runCli(["up", "--port", port], { cwd: folder.path, env: { LOVAGE_EMBEDDED_DIR: "other" } }),
  ]);
  expect(sameFolder).toMatchObject({
    exitCode: 75,
    stderr: expect.stringMatching(
      /^Opening the embedded database in \.lovage\/ …\n✗ [^\n]*\.lovage[^\n]*\n$/,
    ),
  });
  expect(samePort).toMatchObject({
    exitCode: 69,
    stderr: expect.stringMatching(new RegExp(`^✗ [^\\n]*${port}[^\\n]*\\n$`)),
  });
});

test("the first signal waits for running tasks, the second requeues them, and the process ends with 0", async () => {
  // The task that went on after its caller gave up would run for the whole grace time.
  up.kill("SIGTERM");
  await up.waitForLine(/^SIGTERM: stopping\. Running tasks may take up to 10 m/);
  up.kill("SIGTERM");
  expect(await up.exited).toEqual({ code: 0, signal: null });
});
