import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { TaskCancelled, WorkerStopping } from "../../../../src/errors.ts";
import { REDACTED } from "../../../../src/task/sensitive/sensitive.ts";
import { MIB, startPool } from "./pool-bundle.ts";

describe.each(["processes", "threads"] as const)("pool %s:", (pool) => {
  test("a task runs in a child, with its input parsed, its context, its log and its progress", async () => {
    await using bundle = startPool({ pool });
    const { context, outcome } = bundle.begin("pool.echo", { text: "hello" });
    const at = "2026-03-01T12:00:00.000Z";
    const facts = {
      ...{
        id: context.id,
        name: "pool.echo",
        attempt: 1,
        maxAttempts: 3,
        queue: "default",
        tags: ["a", "b"],
      },
      ...{ idempotencyKey: "key", workerName: "worker@test", slot: at, startedAt: at },
    };
    const [child] = bundle.pool.ids;
    expect(await outcome).toMatchObject({
      kind: "succeeded",
      output: { child, texts: ["hello", "hello"], facts },
      progress: { current: 2, total: 2, message: "done" },
    });
    expect(bundle.reports.at(-1)).toBe("2/2 done");
    const about = { taskId: context.id, task: "pool.echo", attempt: 1 };
    expect((await bundle.record("echoing")).fields).toMatchObject({
      ...about,
      ...{ text: "hello", err: { type: "TypeError", message: "not a real one" } },
    });
    expect((await bundle.record("said by console")).fields).toMatchObject(about);
  });

  test("a task in a child receives the sensitive fields of its input", async () => {
    await using bundle = startPool({ pool });
    const hidden = { secrets: { "/text": "hunter2" } };
    expect(await bundle.run("pool.echo", { text: REDACTED }, { hidden })).toMatchObject({
      kind: "succeeded",
      output: { texts: ["hunter2", "hunter2"] },
    });
  });

  test("input and output that do not fit the definition fail the task", async () => {
    await using bundle = startPool({ pool });
    expect(await bundle.run("pool.echo", { text: 7 })).toMatchObject({
      kind: "failed",
      error: { type: "MisfitError", message: expect.stringContaining("args.text"), retryable: false },
    });
    expect(await bundle.run("pool.unfit")).toMatchObject({
      kind: "failed",
      error: { type: "MisfitError", message: expect.stringContaining("output.x"), retryable: false },
    });
  });

  test("errors keep their type, message, stack, cause and retryable flag", async () => {
    await using bundle = startPool({ pool });
    expect(await bundle.run("pool.fail")).toMatchObject({
      ...{ kind: "retry", delayMs: 2_000 },
      error: {
        ...{ type: "RangeError", message: "out of range", retryable: true },
        stack: expect.stringMatching(/pool\.tasks\.ts:\d+[\s\S]*Caused by: Error: the cause of it/),
      },
    });
    expect(await bundle.run("pool.fail", null, { attempt: 3 })).toMatchObject({ kind: "failed" });
    expect(await bundle.run("pool.fail", "fatal")).toMatchObject({
      kind: "failed",
      error: { type: "FatalError", message: "no further attempt helps", retryable: false },
    });
    expect(await bundle.run("pool.fail", "refused")).toMatchObject({
      kind: "failed",
      error: { type: "Refused", message: "by a class of its own", retryable: false },
    });
    expect(await bundle.run("pool.fail", "text")).toMatchObject({
      error: { message: "A value that is not an Error was thrown: only a text" },
    });
    expect(await bundle.run("pool.fail", "hostile")).toMatchObject({ kind: "retry" });
    expect((await bundle.run("pool.transact")) as object).toMatchObject({
      error: { message: expect.stringContaining('pool: "async"') },
    });
  });

  test("control errors and the retry policy have the same effect as in the worker itself", async () => {
    await using bundle = startPool({ pool });
    const again = (how: string, attempt = 1) => bundle.run("pool.again", { how }, { attempt });
    expect(await again("snooze", 3)).toMatchObject({ kind: "snoozed", delayMs: 90_000 });
    expect(await again("input")).toMatchObject({
      ...{ kind: "retry", delayMs: 5_000, newInput: [{ how: "input", page: 2 }] },
      error: { type: "RetryTask", message: "next page" },
    });
    expect(await again("input", 3)).toMatchObject({
      error: { message: expect.stringContaining("next page No attempt follows") },
    });
    expect(await again("misfit")).toMatchObject({ kind: "failed", error: { type: "MisfitError" } });
    expect(await again("hopeless")).toMatchObject({
      kind: "failed",
      error: { type: "Hopeless", retryable: false },
    });
    expect(await again("range", 2)).toMatchObject({
      ...{ kind: "retry", delayMs: 14_000 },
      error: {
        causes: [
          { type: "TypeError", message: "deep" },
          { type: "Error", message: "deeper" },
        ],
      },
    });
    const told = bundle.records.filter(({ message }) => message === "An attempt failed; another follows");
    expect(told.at(-1)).toMatchObject({ level: "info", fields: { error: "RangeError: out of range" } });
  });

  test("an endless loop is killed some time after its limit, and its child is replaced", async () => {
    await using bundle = startPool({ pool });
    await bundle.full();
    const [before] = bundle.pool.ids;
    const begun = performance.now();
    const outcome = await bundle.run("pool.loop", null, { timeLimitMs: 500 });
    const ms = performance.now() - begun;
    expect(outcome).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
    expect(ms).toBeGreaterThan(2_499);
    expect(bundle.lives(before!)).toBe(false);
    await bundle.full();
    expect(bundle.pool.ids).not.toEqual([before]);
    expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded", output: bundle.pool.ids[0] });
  });

  test("at the soft limit an attempt ends by itself, before the hard one", async () => {
    await using bundle = startPool({ pool });
    const limits = { softTimeLimitMs: 100, timeLimitMs: 60_000 };
    const returned = await bundle.run("pool.tidy", "return", limits);
    expect(returned).toMatchObject({ kind: "succeeded", output: { reason: "SoftTimeLimitExceeded" } });
    const { left } = (returned as unknown as { output: { left: number } }).output;
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThan(60_000);
    expect(await bundle.run("pool.tidy", "throw", limits)).toMatchObject({
      ...{ kind: "retry", error: { type: "SoftTimeLimitExceeded", retryable: true } },
    });
    expect(await bundle.run("pool.tidy", "ignore", { ...limits, timeLimitMs: 300 })).toMatchObject({
      error: { type: "TimeLimitExceeded" },
    });
  });

  test("the middleware of the configuration file runs where the code runs; without it no task does", async () => {
    const config = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    await using bundle = startPool({ pool, configFile: config("./pool.config.ts") });
    const outcome = await bundle.run("pool.who");
    const [id] = bundle.pool.ids;
    expect(outcome).toMatchObject({ kind: "succeeded", output: { wrapped: id } });
    expect((await bundle.record("wrapped")).fields).toMatchObject({ task: "pool.who", attempt: 1 });
    await using broken = startPool({ pool, configFile: config("./not-there.config.ts") });
    expect(await broken.run("pool.who")).toMatchObject({
      kind: "retry",
      error: {
        message: expect.stringMatching(/^pool\.who did not run: the child could not load its middleware\. /),
      },
    });
  });

  test("code that heeds its signal ends by it, and its child is kept", async () => {
    await using bundle = startPool({ pool });
    await bundle.full();
    const before = bundle.pool.ids;
    const limited = await bundle.run("pool.wait", null, { timeLimitMs: 100 });
    expect(limited).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
    const reasons = [new TaskCancelled(), new WorkerStopping()];
    for (const reason of reasons) {
      bundle.records.length = 0;
      const { context, outcome } = bundle.begin("pool.wait");
      await bundle.record("waiting");
      context.abort.request(reason);
      expect((await bundle.record("aborted")).fields).toMatchObject({ reason: reason.name });
      expect((await outcome).kind).toBe(reason instanceof TaskCancelled ? "revoked" : "givenBack");
    }
    expect(bundle.pool.ids).toEqual(before);
  });

  test.each([
    [new TaskCancelled(), "revoked", 1_999],
    [new WorkerStopping(), "givenBack", 999],
  ])("code that does not heed %s is killed", async (reason, kind, leastMs) => {
    await using bundle = startPool({ pool });
    const { context, outcome } = bundle.begin("pool.deaf");
    const { fields } = await bundle.record("deaf");
    const since = performance.now();
    context.abort.request(reason);
    expect(await outcome).toMatchObject({ kind });
    expect(performance.now() - since).toBeGreaterThan(leastMs);
    expect(bundle.lives(fields["child"] as number)).toBe(false);
  });

  test("an attempt that waits for a child ends at once when it is aborted", async () => {
    await using bundle = startPool({ pool });
    const first = bundle.begin("pool.deaf");
    await bundle.record("deaf");
    const second = bundle.begin("pool.who");
    second.context.abort.request(new TaskCancelled());
    expect(await second.outcome).toMatchObject({ kind: "revoked" });
    first.context.abort.request(new WorkerStopping());
    await first.outcome;
  });

  const ends: Readonly<Record<typeof pool, readonly (readonly [how: string, type: string, told: string])[]>> =
    {
      processes: [
        ["exit", "ChildDied", "process that ran the attempt exited with code 3"],
        ["abort", "ChildDied", "ended by SIGABRT"],
        ["segv", "ChildDied", "ended by SIGSEGV"],
        ["throw", "ChildDied", "exited with code 1"],
      ],
      threads: [
        ["exit", "ChildDied", "thread that ran the attempt exited with code 3"],
        ["abort", "TypeError", "process.abort() is not supported in workers"],
        ["throw", "ChildDied", "exited with code 1"],
      ],
    };

  test.each(ends[pool])("code that ends by %s fails only its own attempt", async (how, type, told) => {
    await using bundle = startPool({ pool, size: 2 });
    await bundle.full();
    const other = bundle.begin("pool.wait");
    await bundle.record("waiting");
    const outcome = await bundle.run("pool.end", how);
    expect(outcome).toMatchObject({
      kind: "retry",
      error: { type, message: expect.stringContaining(told), retryable: true },
    });
    if (how === "throw")
      expect(outcome).toMatchObject({
        error: { stack: expect.stringContaining("thrown where nothing catches it") },
      });
    expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
    other.context.abort.request(new TaskCancelled());
    expect(await other.outcome).toMatchObject({ kind: "revoked" });
    await bundle.full();
  });

  test.each(["heap", "buffer", "arrays", "map", "JSON"])(
    "a task that hoards memory (%s) ends alone",
    async (what) => {
      await using bundle = startPool({ pool, maxMemoryPerChild: 256 * MIB });
      const outcome = await bundle.run("pool.hoard", what);
      expect(outcome).toMatchObject({ kind: "retry", error: { retryable: true } });
      const { error } = outcome as { error: { type: string; message: string } };
      // V8's own limit may come first where the heap of a process grows fast.
      if (what === "buffer" || pool === "threads") expect(error.type).toBe("MemoryLimitExceeded");
      else expect(["MemoryLimitExceeded", "ChildDied"]).toContain(error.type);
      expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
    },
  );

  test("a child is replaced after maxTasksPerChild attempts", async () => {
    await using bundle = startPool({ pool, maxTasksPerChild: 2 });
    const ids: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      const outcome = await bundle.run("pool.who");
      ids.push(outcome.kind === "succeeded" ? outcome.output : null);
    }
    expect(ids[1]).toBe(ids[0]);
    expect(ids[3]).toBe(ids[2]);
    expect(ids[2]).not.toBe(ids[0]);
    await vi.waitFor(() => expect(bundle.lives(ids[0] as number)).toBe(false), { timeout: 5_000 });
  });

  test("a child that keeps most of its memory limit is replaced after its attempt", async () => {
    await using bundle = startPool({ pool, maxMemoryPerChild: 256 * MIB });
    const by: unknown[] = [];
    for (let round = 0; round < 6; round += 1) {
      const outcome = await bundle.run("pool.keep");
      by.push(outcome.kind === "succeeded" ? outcome.output : outcome);
    }
    // After two or three attempts, with what it held before; none of them failed for it.
    expect(by[1]).toBe(by[0]);
    expect(by[5]).not.toBe(by[0]);
    expect(by).toEqual(by.map(() => expect.any(Number)));
  });

  test("endless output fills neither the log nor the memory", async () => {
    await using bundle = startPool({ pool });
    expect(await bundle.run("pool.chatty")).toMatchObject({ kind: "succeeded" });
    expect(bundle.records.length).toBeGreaterThan(100);
    expect(bundle.records.length).toBeLessThan(10_000);
  });

  test("a stop ends all children, and may be called twice or before the start", async () => {
    const bundle = startPool({ pool, size: 2 });
    await bundle.full();
    const { ids } = bundle.pool;
    await bundle.pool.stop();
    expect(ids.map(bundle.lives)).toEqual([false, false]);
    await bundle.pool.stop();
    expect(await bundle.run("pool.who")).toMatchObject({ error: { type: "ChildStartFailed" } });
  });
});
