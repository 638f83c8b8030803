import { expect, test } from "vitest";
import { z } from "zod";
import { FatalError, TaskCancelled, WorkerStopping } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { AttemptRunner } from "../../../src/worker/attempt/attempt.ts";
import { contextFor, settled } from "../../support/run-context.ts";

const KEEP_MS = 1_000;
const retry = { maxAttempts: 3, backoff: "fixed", initialDelay: "2s", jitter: false } as const;

const run = async (
  definition: AnyTaskDefinition,
  context = contextFor(),
  abortGraceMs = 20,
): Promise<Outcome> =>
  (await settled(new AttemptRunner({ keepMs: KEEP_MS, abortGraceMs }), definition, context))!;
const throwing = (thrown: unknown, more: object = {}) =>
  defineTask({ name: "test.task", retry, ...more, run: () => Promise.reject(thrown) });
/** Ends by its signal, or never. */
const waiting = (heeds = true) =>
  defineTask({
    name: "test.task",
    retry,
    run: (_input, ctx) =>
      new Promise<null>((_resolve, reject) => {
        if (heeds) ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
      }),
  });

test("the returned value is checked and stored as JSON", async () => {
  const definition = defineTask({
    name: "test.task",
    input: z.object({ at: z.string() }),
    resultsExpire: "5s",
    run: ({ at }) => ({ at: new Date(at), nothing: undefined }),
  });
  const context = contextFor({ input: { at: "2026-01-02T03:04:05Z" } });
  expect(await run(definition, context)).toEqual({
    kind: "succeeded",
    output: { at: "2026-01-02T03:04:05.000Z" },
    ...{ taskId: context.id, workerId: context.workerId, version: 2, progress: null, keepMs: 5_000 },
  });
});

test("a failure is retried while attempts are left, unless the error is fatal", async () => {
  const error = new TypeError("no");
  expect(await run(throwing(error))).toMatchObject({
    kind: "retry",
    delayMs: 2_000,
    error: {
      type: "TypeError",
      message: "no",
      retryable: true,
      stack: expect.stringContaining("attempt.test"),
    },
  });
  expect(await run(throwing(error), contextFor({ attempt: 3 }))).toMatchObject({
    kind: "failed",
    keepMs: KEEP_MS,
  });
  expect(await run(throwing(new FatalError("never")))).toMatchObject({
    kind: "failed",
    error: { type: "FatalError", retryable: false },
  });
});

test.each<[string, AnyTaskDefinition, string]>([
  [
    "input",
    defineTask({ name: "test.task", input: z.object({ x: z.number() }), run: () => null }),
    "The input does not fit",
  ],
  [
    "output",
    defineTask({ name: "test.task", output: z.number(), run: (() => "text") as never }),
    "The output does not fit",
  ],
  [
    "output that is no JSON",
    defineTask({ name: "test.task", run: () => 1n as never }),
    "The output is a bigint, which JSON cannot hold",
  ],
])("%s that does not fit fails at once: a retry cannot succeed", async (_what, definition, message) => {
  expect(await run(definition)).toMatchObject({
    kind: "failed",
    error: { type: "MisfitError", message: expect.stringContaining(message), retryable: false },
  });
});

test.each<[string, unknown, string]>([
  ["a Map", { found: [new Map()] }, "The output.found.0 is a Map, which JSON cannot hold."],
  ["an Error", { why: new Error("x") }, "The output.why is an Error, which JSON cannot hold."],
  ["a promise", { later: Promise.resolve(1) }, "The output.later is a Promise, which JSON cannot hold."],
  ["NaN", [Number.NaN], "The output.0 is NaN, which JSON cannot hold."],
  ["an invalid Date", { at: new Date("x") }, "The output.at is an invalid Date, which JSON cannot hold."],
])(
  "an output that JSON cannot hold fails the task and names the part: %s",
  async (_what, output, message) => {
    expect(await run(defineTask({ name: "test.task", run: () => output as never }))).toMatchObject({
      kind: "failed",
      error: { type: "MisfitError", message: expect.stringContaining(message), retryable: false },
    });
  },
);

test("an output that JSON can hold is stored as JSON: also large numbers, any keys and many of them", async () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index]));
  const output = { n: 6.022e23, constructor: 1, at: new Date(0), no: undefined, many };
  expect(await run(defineTask({ name: "test.task", run: () => output as never }))).toMatchObject({
    kind: "succeeded",
    output: { n: 6.022e23, constructor: 1, at: "1970-01-01T00:00:00.000Z", many },
  });
});

const circular: Record<string, unknown> = {};
circular["self"] = circular;
const oddNames = Object.assign(new Error("odd"), { name: 7, stack: { not: "text" } });
const oddMessage = Object.assign(new Error("odd"), { message: { code: 1 } });
const unreadable = Object.defineProperty(new Error("odd"), "message", {
  get: () => {
    throw new Error("no message");
  },
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["a text", "just text"],
  ["a bigint", 1n],
  ["a circle", circular],
  ["an object without a prototype", Object.create(null)],
  ["an error with an odd name and stack", oddNames],
  ["an error with an odd message", oddMessage],
  ["an error that cannot be read", unreadable],
])("the attempt has an outcome, whatever is thrown: %s", async (_what, thrown) => {
  const outcome = await run(throwing(thrown));
  expect(outcome).toMatchObject({
    kind: "retry",
    error: { type: expect.any(String), message: expect.stringMatching(/./), fingerprint: expect.any(String) },
  });
});

test("a cancelled attempt is revoked, an attempt of a stopping worker is requeued", async () => {
  for (const [reason, kind] of [
    [new TaskCancelled(), "revoked"],
    [new WorkerStopping(), "givenBack"],
  ] as const) {
    const context = contextFor();
    const outcome = run(waiting(), context);
    context.abort.request(reason);
    expect((await outcome).kind).toBe(kind);
  }
});

test("an attempt that returns in spite of an abort has succeeded", async () => {
  const gate = Promise.withResolvers<string>();
  const context = contextFor();
  const outcome = run(defineTask({ name: "test.task", run: () => gate.promise }), context, 10_000);
  context.abort.request(new TaskCancelled());
  gate.resolve("done");
  expect(await outcome).toMatchObject({ kind: "succeeded", output: "done" });
});

test("an attempt that ignores its abort is abandoned after the grace time", async () => {
  const context = contextFor({ timeLimitMs: 10 });
  expect(await run(waiting(false), context)).toMatchObject({
    kind: "retry",
    error: { type: "TimeLimitExceeded" },
  });
});

test("an attempt continues after its soft limit until the hard one; its signal has the first reason", async () => {
  const context = contextFor({ timeLimitMs: 40, options: { softTimeLimitMs: 10 } });
  const reasons: string[] = [];
  const deaf = defineTask({
    name: "test.task",
    retry,
    run: (_input, ctx) =>
      new Promise<null>(() => {
        ctx.signal.addEventListener("abort", () => reasons.push((ctx.signal.reason as Error).name));
      }),
  });
  expect(await run(deaf, context)).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
  expect(reasons).toEqual(["SoftTimeLimitExceeded"]);
  const cancelled = contextFor({ options: { softTimeLimitMs: 10 } });
  const outcome = run(deaf, cancelled);
  await new Promise((resolve) => cancelled.signal.addEventListener("abort", resolve));
  cancelled.abort.request(new TaskCancelled());
  expect(await outcome).toMatchObject({ kind: "revoked" });
});
