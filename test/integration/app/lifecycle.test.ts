import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../src/app/app.ts";
import { FatalError, RefusedError, TaskFailedError, WaitTimeoutError } from "../../../src/errors.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { TaskContext } from "../../../src/task/definition/context.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

const quickRetry = { maxAttempts: 3, backoff: "fixed", initialDelay: "20ms", jitter: false } as const;

/** Definitions whose runs the test can watch and steer. */
function makeTasks() {
  const runs: { input: unknown; ctx: TaskContext }[] = [];
  const gates = new Map<string, () => void>();
  const add = defineTask({
    name: "test.add",
    input: z.object({ x: z.number(), y: z.number().default(10) }),
    output: z.number(),
    run: ({ x, y }) => x + y,
  });
  const flaky = defineTask({
    name: "test.flaky",
    input: z.object({ failures: z.number(), fatal: z.boolean().optional() }),
    retry: quickRetry,
    run: (input, ctx) => {
      runs.push({ input, ctx: ctx as TaskContext });
      if (ctx.attempt <= input.failures)
        throw input.fatal ? new FatalError("beyond help") : new TypeError(`attempt ${ctx.attempt} failed`);
      return `attempt ${ctx.attempt}`;
    },
  });
  /** Runs until it is let go by key, or its signal aborts. */
  const held = defineTask({
    name: "test.held",
    input: z.object({ key: z.string(), heeds: z.boolean().default(true) }),
    retry: { ...quickRetry, maxAttempts: 1 },
    run: ({ key, heeds }, ctx) =>
      new Promise<string>((resolve, reject) => {
        runs.push({ input: key, ctx: ctx as unknown as TaskContext });
        gates.set(key, () => resolve(`let go by attempt ${ctx.attempt}`));
        if (heeds) ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
      }),
  });
  const odd = defineTask({ name: "test.odd", output: z.number(), run: (() => "text") as never });
  const circular = defineTask({
    name: "test.circular",
    run: () => {
      const value: Record<string, unknown> = {};
      value["self"] = value;
      return value;
    },
  });
  const steps = defineTask({
    name: "test.steps",
    run: async (_input, ctx) => {
      for (const step of [1, 2, 3]) {
        ctx.progress(step, 3, `step ${step}`);
        // Longer than the pause between two reports: each step is reported.
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
  });
  const running = (key: string) =>
    vi.waitFor(() => expect(runs.map((run) => run.input)).toContain(key), { timeout: 10_000, interval: 5 });
  return { add, flaky, held, odd, circular, steps, runs, gates, running };
}

describe.each(DEPLOYMENTS)("the lifecycle of a task: $kind", ({ deploy }) => {
  const tasks = makeTasks();
  const definitions = [tasks.add, tasks.flaky, tasks.held, tasks.odd, tasks.circular, tasks.steps];
  let deployment: Deployment;
  let app: App;

  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app(definitions);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test("a task runs and returns its result, typed", async () => {
    const handle = await app.enqueue(tasks.add, { x: 1, y: 2 });
    const sum: number = await handle.result({ timeout: "10s" });
    expect(sum).toBe(3);
    expect(await (await app.enqueue(tasks.add, { x: 1 })).result({ timeout: "10s" })).toBe(11);
    expect(await handle.read()).toMatchObject({
      state: "SUCCESS",
      attempt: 1,
      input: { x: 1, y: 2 },
      workerName: expect.any(String),
    });
  });

  test("a hundred tasks of one enqueue all run, each once", async () => {
    const handles = await app.enqueueMany(
      tasks.add,
      Array.from({ length: 100 }, (_, x) => ({ input: { x, y: 0 } })),
    );
    const results = await Promise.all(handles.map((handle) => handle.result({ timeout: "20s" })));
    expect(results).toEqual(Array.from({ length: 100 }, (_, x) => x));
  });

  test("a failed attempt is followed by another, and is kept", async () => {
    const handle = await app.enqueue(tasks.flaky, { failures: 2 });
    expect(await handle.result({ timeout: "10s" })).toBe("attempt 3");
    expect((await handle.read()).attempts).toMatchObject([
      {
        number: 1,
        state: "RETRY",
        error: { type: "TypeError", message: "attempt 1 failed", retryable: true },
      },
      { number: 2, error: { message: "attempt 2 failed" } },
    ]);
    const contexts = tasks.runs.filter((run) => run.ctx.id === handle.id).map((run) => run.ctx);
    expect(contexts.map((ctx) => [ctx.attempt, ctx.maxAttempts, ctx.idempotencyKey])).toEqual(
      [1, 2, 3].map((n) => [n, 3, handle.id]),
    );
  });

  test("attempts used up, and fatal errors, end in FAILURE", async () => {
    const used = await app.enqueue(tasks.flaky, { failures: 9 });
    const error = await used.result({ timeout: "10s" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({
      taskId: used.id,
      state: "FAILURE",
      type: "TypeError",
      message: "attempt 3 failed",
    });
    const fatal = await app.enqueue(tasks.flaky, { failures: 9, fatal: true });
    await expect(fatal.result({ timeout: "10s" })).rejects.toThrow("beyond help");
    expect(await fatal.read()).toMatchObject({ attempt: 1, error: { type: "FatalError", retryable: false } });
  });

  test("an output that does not fit, or is not JSON, fails for good with the reason", async () => {
    await expect((await app.enqueue(tasks.odd, {})).result({ timeout: "10s" })).rejects.toThrow(
      /output does not fit the definition/,
    );
    await expect((await app.enqueue(tasks.circular, {})).result({ timeout: "10s" })).rejects.toThrow(
      /output.* is nested more than 64 deep, or refers to itself/,
    );
  });

  test("wrong input is refused with its path, and nothing is enqueued", async () => {
    const wrong = app.enqueueMany(tasks.add, [{ input: { x: 1 } }, { input: { x: "one", z: 3 } as never }]);
    const refused = (await wrong.catch((thrown: unknown) => thrown)) as RefusedError;
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused.issues.map((issue) => issue.path.join("."))).toEqual(["1.args.x", "1.args.z"]);
    expect(refused.issues[1]!.hint).toBe("Allowed: x, y.");
    const options = { delay: "soon", priority: "URGENT" as never, maxAttempts: 0, queue: "a b" };
    const bad = (await app
      .enqueue(tasks.add, { x: 1 }, options)
      .catch((thrown: unknown) => thrown)) as RefusedError;
    expect(new Set(bad.issues.map((issue) => issue.path.at(-1)))).toEqual(
      new Set(["delay", "maxAttempts", "priority", "queue"]),
    );
  });

  test("keys deduplicate; a key with other input is a conflict", async () => {
    const first = await app.enqueue(tasks.add, { x: 5 }, { idempotencyKey: "five" });
    const again = await app.enqueue(tasks.add, { x: 5 }, { idempotencyKey: "five" });
    expect([again.id, again.deduplicated, first.deduplicated]).toEqual([first.id, true, false]);
    await expect(app.enqueue(tasks.add, { x: 6 }, { idempotencyKey: "five" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await again.result({ timeout: "10s" })).toBe(15);
  });

  test("a delayed task waits, and runs when it is due", async () => {
    const handle = await app.enqueue(tasks.add, { x: 1 }, { delay: "400ms" });
    expect(await handle.state()).toBe("SCHEDULED");
    await handle.result({ timeout: "10s" });
    const { createdAt, startedAt } = await handle.read();
    expect(startedAt!.getTime() - createdAt.getTime()).toBeGreaterThanOrEqual(400);
  });

  test("waiting for a result has a limit, and the task continues", async () => {
    const handle = await app.enqueue(tasks.held, { key: "slow" });
    await expect(handle.result({ timeout: 50 })).rejects.toThrow(WaitTimeoutError);
    await tasks.running("slow");
    tasks.gates.get("slow")!();
    expect(await handle.result({ timeout: "10s" })).toBe("let go by attempt 1");
  });

  test("a waiting task is revoked at once, a running one by its signal", async () => {
    const waiting = await app.enqueue(tasks.add, { x: 1 }, { delay: "1h" });
    expect(await waiting.revoke()).toBe(true);
    expect(await waiting.state()).toBe("REVOKED");
    expect(await waiting.revoke()).toBe(false);
    const running = await app.enqueue(tasks.held, { key: "stop me" });
    await tasks.running("stop me");
    expect(await running.revoke({ terminate: false })).toBe(false);
    expect(await running.revoke()).toBe(true);
    await expect(running.result({ timeout: "10s" })).rejects.toMatchObject({ state: "REVOKED" });
  });

  test("an attempt over its time limit fails, also when it does not heed the signal", async () => {
    const heeding = await app.enqueue(tasks.held, { key: "heeds" }, { timeLimit: "100ms" });
    await expect(heeding.result({ timeout: "10s" })).rejects.toMatchObject({
      state: "FAILURE",
      type: "TimeLimitExceeded",
    });
    const deaf = await app.enqueue(tasks.held, { key: "deaf", heeds: false }, { timeLimit: "100ms" });
    await expect(deaf.result({ timeout: "15s" })).rejects.toMatchObject({
      state: "FAILURE",
      type: "TimeLimitExceeded",
    });
  });

  test("events report the lifecycle of a task in order, with its progress", async () => {
    const handle = await app.enqueue(tasks.steps, {}, { delay: "200ms" });
    const seen: string[] = [];
    for await (const event of handle.events()) {
      seen.push(
        event.type === "PROGRESS"
          ? `PROGRESS ${event.task.progress!.current}/${event.task.progress!.total}`
          : event.type,
      );
    }
    // The word of the enqueue itself may still be on its way when the handle begins to listen.
    const order = seen.filter((type, index) => type !== "ENQUEUED" && type !== seen[index - 1]);
    expect(order.slice(0, 2)).toEqual(["QUEUED", "STARTED"]);
    expect(order).toContain("PROGRESS 2/3");
    expect(order.at(-1)).toBe("SUCCEEDED");
    expect((await handle.read()).progress).toMatchObject({ current: 3, total: 3, message: "step 3" });
  });
});

describe.each(DEPLOYMENTS)("workers that come and go: $kind", ({ deploy }) => {
  test("a stopping worker lets its tasks finish", async () => {
    await using deployment = await deploy();
    const tasks = makeTasks();
    const app = await deployment.app([tasks.held]);
    const handle = await app.enqueue(tasks.held, { key: "last" });
    await tasks.running("last");
    const stopped = app.stop();
    tasks.gates.get("last")!();
    await stopped;
    const reader = await deployment.app([tasks.held], []);
    expect(await (await reader.task(handle.id)).result({ timeout: "5s" })).toBe("let go by attempt 1");
  });

  test("tasks that do not finish in the grace time are requeued, no attempt charged, and run again", async () => {
    await using deployment = await deploy();
    const tasks = makeTasks();
    const first = await deployment.app([tasks.held], ["maintenance", "worker"], { graceTime: "100ms" });
    const handle = await first.enqueue(tasks.held, { key: "moved" });
    await tasks.running("moved");
    await first.stop();
    tasks.runs.splice(0);
    const second = await deployment.app([tasks.held]);
    await tasks.running("moved");
    tasks.gates.get("moved")!();
    const task = await second.task(handle.id);
    expect(await task.result({ timeout: "10s" })).toBe("let go by attempt 1");
    expect(await task.read()).toMatchObject({ attempt: 1, crashCount: 0, attempts: [] });
  });

  test("a second signal requeues at once", async () => {
    await using deployment = await deploy();
    const tasks = makeTasks();
    const app = await deployment.app([tasks.held], ["maintenance", "worker"], { graceTime: "1h" });
    await app.enqueue(tasks.held, { key: "hurry" });
    await tasks.running("hurry");
    const stopped = app.stop();
    await vi.waitFor(() => {
      app.requeue();
      expect(tasks.runs[0]!.ctx.signal.aborted).toBe(true);
    });
    await stopped;
  });
});
