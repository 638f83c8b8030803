import { expect, test, vi } from "vitest";
import { TaskCancelled, WorkerStopping } from "../../../src/errors.ts";
import { lives, MIB, startPool } from "./pool-bundle.ts";

test("a task runs in another process, with its input parsed, its context, its log and its progress", async () => {
  await using bundle = startPool();
  const { context, outcome } = bundle.begin("pool.echo", { text: "hello" });
  const at = "2026-03-01T12:00:00.000Z";
  const facts = {
    ...{ id: context.id, name: "pool.echo", attempt: 1, maxAttempts: 3, queue: "default", tags: ["a", "b"] },
    ...{ idempotencyKey: "key", workerName: "worker@test", slot: at, startedAt: at },
  };
  const [pid] = bundle.pool.pids;
  expect(pid).not.toBe(process.pid);
  expect(await outcome).toMatchObject({
    kind: "succeeded",
    output: { pid, texts: ["hello", "hello"], facts },
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

test("input and output that do not fit the definition fail for good", async () => {
  await using bundle = startPool();
  expect(await bundle.run("pool.echo", { text: 7 })).toMatchObject({
    kind: "failed",
    error: { type: "MisfitError", message: expect.stringContaining("args.text"), retryable: false },
  });
  expect(await bundle.run("pool.unfit")).toMatchObject({
    kind: "failed",
    error: { type: "MisfitError", message: expect.stringContaining("output.x"), retryable: false },
  });
});

test("errors keep their type, message, stack, cause, and whether another attempt may help", async () => {
  await using bundle = startPool();
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
    error: { message: "A value that is no Error was thrown: only a text" },
  });
  expect(await bundle.run("pool.fail", "hostile")).toMatchObject({ kind: "retry" });
  expect((await bundle.run("pool.transact")) as object).toMatchObject({
    error: { message: expect.stringContaining('pool: "async"') },
  });
});

test("what the code asks for, and what its definition says of errors, holds as in the worker itself", async () => {
  await using bundle = startPool();
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

test("a loop that never ends is killed some time after its limit, and the pool is whole again", async () => {
  await using bundle = startPool();
  await bundle.full();
  const [before] = bundle.pool.pids;
  const begun = performance.now();
  const outcome = await bundle.run("pool.loop", null, { timeLimitMs: 500 });
  const ms = performance.now() - begun;
  expect(outcome).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
  expect(ms).toBeGreaterThan(2_499);
  expect(lives(before!)).toBe(false);
  await bundle.full();
  expect(bundle.pool.pids).not.toEqual([before]);
  expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded", output: bundle.pool.pids[0] });
});

test("at the soft limit an attempt comes to an end by itself, in time for the hard one", async () => {
  await using bundle = startPool();
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

test("code that heeds its signal ends by it, and its process stays", async () => {
  await using bundle = startPool();
  await bundle.full();
  const before = bundle.pool.pids;
  const limited = await bundle.run("pool.wait", null, { timeLimitMs: 100 });
  expect(limited).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
  const reasons = [new TaskCancelled(), new WorkerStopping()];
  for (const reason of reasons) {
    bundle.records.length = 0;
    const { context, outcome } = bundle.begin("pool.wait");
    await bundle.record("waiting");
    context.abort(reason);
    expect((await bundle.record("aborted")).fields).toMatchObject({ reason: reason.name });
    expect((await outcome).kind).toBe(reason instanceof TaskCancelled ? "revoked" : "givenBack");
  }
  expect(bundle.pool.pids).toEqual(before);
});

test.each([
  [new TaskCancelled(), "revoked", 1_999],
  [new WorkerStopping(), "givenBack", 999],
])("code that does not heed %s is killed", async (reason, kind, leastMs) => {
  await using bundle = startPool();
  const { context, outcome } = bundle.begin("pool.deaf");
  const { fields } = await bundle.record("deaf");
  const since = performance.now();
  context.abort(reason);
  expect(await outcome).toMatchObject({ kind });
  expect(performance.now() - since).toBeGreaterThan(leastMs);
  expect(lives(fields["pid"] as number)).toBe(false);
});

test("what waits for a child ends at once when it is aborted", async () => {
  await using bundle = startPool();
  const first = bundle.begin("pool.deaf");
  await bundle.record("deaf");
  const second = bundle.begin("pool.pid");
  second.context.abort(new TaskCancelled());
  expect(await second.outcome).toMatchObject({ kind: "revoked" });
  first.context.abort(new WorkerStopping());
  await first.outcome;
});

test.each([
  ["exit", "exited with code 3"],
  ["abort", "ended by SIGABRT"],
  ["segv", "ended by SIGSEGV"],
  ["throw", "exited with code 1"],
])("a process that ends by %s fails its attempt and no other", async (how, told) => {
  await using bundle = startPool({ size: 2 });
  await bundle.full();
  const other = bundle.begin("pool.wait");
  await bundle.record("waiting");
  const outcome = await bundle.run("pool.end", how);
  expect(outcome).toMatchObject({
    kind: "retry",
    error: { type: "ChildDied", message: expect.stringContaining(told), retryable: true },
  });
  if (how === "throw")
    expect(outcome).toMatchObject({
      error: { stack: expect.stringContaining("thrown where nothing catches it") },
    });
  expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded" });
  other.context.abort(new TaskCancelled());
  expect(await other.outcome).toMatchObject({ kind: "revoked" });
  await bundle.full();
});

test("SIGKILL from outside fails the attempt; killed while idle, a child is replaced and nobody notices", async () => {
  await using bundle = startPool();
  const { outcome } = bundle.begin("pool.deaf");
  const { fields } = await bundle.record("deaf");
  process.kill(fields["pid"] as number, "SIGKILL");
  expect(await outcome).toMatchObject({
    kind: "retry",
    error: { message: expect.stringContaining("SIGKILL") },
  });
  await bundle.full();
  process.kill(bundle.pool.pids[0]!, "SIGKILL");
  // Handed over before the worker can know of the death: the code did not begin there, so it begins elsewhere.
  expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded" });
  await bundle.full();
});

test.each(["heap", "buffer"])("a task that hoards memory (%s) ends alone", async (what) => {
  await using bundle = startPool({ maxMemoryPerChild: 256 * MIB });
  const before = process.memoryUsage.rss();
  const outcome = await bundle.run("pool.hoard", what);
  expect(outcome).toMatchObject({ kind: "retry", error: { retryable: true } });
  const { error } = outcome as { error: { type: string; message: string } };
  // V8's own limit may come first where the heap grows fast.
  if (what === "buffer") expect(error.type).toBe("MemoryLimitExceeded");
  else expect(["MemoryLimitExceeded", "ChildDied"]).toContain(error.type);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50 * MIB);
  expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded" });
});

test("a child is replaced after maxTasksPerChild attempts", async () => {
  await using bundle = startPool({ maxTasksPerChild: 2 });
  const pids: unknown[] = [];
  for (let round = 0; round < 4; round += 1) {
    const outcome = await bundle.run("pool.pid");
    pids.push(outcome.kind === "succeeded" ? outcome.output : null);
  }
  expect(pids[1]).toBe(pids[0]);
  expect(pids[3]).toBe(pids[2]);
  expect(pids[2]).not.toBe(pids[0]);
  await vi.waitFor(() => expect(lives(pids[0] as number)).toBe(false), { timeout: 5_000 });
});

test.each([
  ["no JSON", "is not JSON"],
  ["too large", "KiB"],
  ["bad key", "__proto__"],
])("an output that a task forges (%s) is refused", async (what, told) => {
  await using bundle = startPool();
  expect(await bundle.run("pool.forge", what)).toMatchObject({
    kind: "failed",
    error: { message: expect.stringContaining(told) },
  });
});

test.each(["garbage", "garbled"])(
  "what is no message (%s) ends the child that sent it, and no other",
  async (what) => {
    await using bundle = startPool();
    expect(await bundle.run("pool.forge", what)).toMatchObject({
      kind: "retry",
      error: { message: expect.stringContaining("no message") },
    });
    expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded" });
  },
);

test("noise on the channel is passed over", async () => {
  await using bundle = startPool();
  expect(await bundle.run("pool.forge", "noise")).toMatchObject({ kind: "succeeded", output: "fine" });
});

test("a task that prints without end fills neither the log nor the memory", async () => {
  await using bundle = startPool();
  expect(await bundle.run("pool.chatty")).toMatchObject({ kind: "succeeded" });
  expect(bundle.records.length).toBeGreaterThan(100);
  expect(bundle.records.length).toBeLessThan(10_000);
});

test("what a task has started is killed with it", async () => {
  await using bundle = startPool();
  const { outcome } = bundle.begin("pool.breed", null, { timeLimitMs: 300 });
  const { fields } = await bundle.record("bred");
  const offspring = fields["pid"] as number;
  expect(lives(offspring)).toBe(true);
  await outcome;
  await vi.waitFor(() => expect(lives(offspring)).toBe(false), { timeout: 5_000 });
});

test("a stop ends all children, and may come twice or before the start", async () => {
  const bundle = startPool({ size: 2 });
  await bundle.full();
  const { pids } = bundle.pool;
  await bundle.pool.stop();
  expect(pids.map(lives)).toEqual([false, false]);
  await bundle.pool.stop();
  expect(await bundle.run("pool.pid")).toMatchObject({ error: { type: "ChildStartFailed" } });
});
