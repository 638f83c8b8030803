import { expect, test } from "vitest";
import { z } from "zod";
import { FatalError, TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/store/tasks/task-store.ts";
import { RetryTask, SnoozeTask } from "../../../src/task/retry/control-errors.ts";
import { DeclaredError, type ErrorSchemas } from "../../../src/task/definition/declared-errors.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { limitKeyOf } from "../../../src/task/limits/limits.ts";
import type { RetryOptions } from "../../../src/task/retry/retry.ts";
import type { RunContext } from "../../../src/worker/attempt/run-context.ts";
import { readRunEnd } from "../../../src/worker/pools/parent/child-answers.ts";
import { AttemptRunner } from "../../../src/worker/attempt/attempt.ts";
import { contextFor, type LogRecord, recordingLog, settled } from "../../support/run-context.ts";

const fixed = { maxAttempts: 3, backoff: "fixed", initialDelay: "2s", jitter: false } as const;
const HOUR = 3_600_000;

/** One attempt that throws, and its outcome. */
async function fail(
  thrown: unknown,
  {
    retry = {},
    context = contextFor(),
    ...more
  }: { retry?: RetryOptions; context?: RunContext; [key: string]: unknown } = {},
): Promise<Outcome> {
  const definition = defineTask({
    ...{ name: "test.task", retry: { ...fixed, ...retry } },
    ...more,
    run: () => Promise.reject(thrown),
  });
  return (await settled(new AttemptRunner({ keepMs: 1_000, abortGraceMs: 20 }), definition, context))!;
}

test("RetryTask sets the delay, the input and the reason, and uses up an attempt", async () => {
  const asked = new RetryTask({ delay: "30s", input: { page: 2 }, reason: "page 1 is done" });
  const input = z.object({ page: z.number().default(1) });
  expect(await fail(asked, { input })).toMatchObject({
    ...{ kind: "retry", delayMs: 30_000, newInput: [{ page: 2 }] },
    error: { type: "RetryTask", message: "page 1 is done", retryable: true },
  });
  expect(await fail(new RetryTask({ input: null }))).toMatchObject({ delayMs: 2_000, newInput: [null] });
  expect(await fail(new RetryTask())).toMatchObject({ kind: "retry", delayMs: 2_000, newInput: null });
  expect(await fail(asked, { input, context: contextFor({ attempt: 3 }) })).toMatchObject({
    kind: "failed",
    error: { type: "RetryTask", message: "page 1 is done No attempt follows: attempt 3 of 3 was the last." },
  });
});

test("a declared error keeps its data, also from a child; it is final unless it is retryable", async () => {
  const definition = {
    errors: { NoSuchAccount: z.object({ account: z.string() }) },
    input: z.object({ pin: z.string().optional() }),
  };
  const failed = await fail(new DeclaredError("NoSuchAccount", { account: "a1" }), definition);
  const detail = { name: "NoSuchAccount", data: { account: "a1" } };
  expect(failed).toMatchObject({
    kind: "failed",
    error: {
      type: "NoSuchAccount",
      message: "The task failed with NoSuchAccount.",
      retryable: false,
      detail,
    },
  });
  const { error } = failed as Extract<Outcome, { kind: "failed" }>;
  const failure = JSON.stringify({ kind: "failed", error, expected: true, delayMs: null, newInput: null });
  expect(readRunEnd({ type: "failed", failure } as never)).toMatchObject({
    kind: "failed",
    error: { detail },
  });
  const again = new DeclaredError(
    "NoSuchAccount",
    { account: "a1" },
    { retryable: true, message: "Not yet." },
  );
  expect(await fail(again, definition)).toMatchObject({
    ...{ kind: "retry", delayMs: 2_000, error: { message: "Not yet.", retryable: true, detail } },
  });
  const context = contextFor();
  context.secrets = { "/pin": "1234-5678" };
  const telling = new DeclaredError("NoSuchAccount", { account: "1234-5678" });
  expect(await fail(telling, { ...definition, context })).toMatchObject({
    error: { detail: { data: { account: "[redacted]" } } },
  });
});

test("a declared error that does not fit its definition is a misfit, and keeps no data", async () => {
  const definition = { errors: { NoSuchAccount: z.object({ account: z.string() }) } };
  const misfit = async (
    name: string,
    data: unknown,
    definitions: { errors: ErrorSchemas } = definition,
  ): Promise<unknown> =>
    ((await fail(new DeclaredError(name, data), definitions)) as { error: unknown }).error;
  expect(await misfit("NoSuchAccount", { account: 5 })).toMatchObject({
    type: "MisfitError",
    message: expect.stringMatching(
      /^The data of the error NoSuchAccount do not fit the definition: data.account: /,
    ),
    causes: [{ type: "NoSuchAccount" }],
  });
  expect(await misfit("Other", {})).toMatchObject({
    message: "The definition does not declare the error Other.",
  });
  const large = { errors: { Large: z.string() } };
  expect(await misfit("Large", "x".repeat(20_000), large)).toMatchObject({ type: "MisfitError" });
  const throwing = {
    errors: {
      Odd: z.string().refine(() => {
        throw new Error("odd");
      }),
    },
  };
  expect(await misfit("Odd", "x", throwing)).toMatchObject({
    message: "The data of the error Odd could not be checked.",
  });
  expect(await misfit("Odd", "x", throwing)).not.toHaveProperty("detail");
});

test("limits count a task by the input of RetryTask; without a key for it the task keeps its key", async () => {
  const key = ({ page }: { page?: number | undefined }): string => {
    if (page === 0) throw new Error("no page");
    return `${page}`;
  };
  const input = z.object({ page: z.number().default(1), token: z.string().default("") });
  const { limits } = defineTask({ name: "x", input, concurrency: { max: 1, key }, run: () => null });
  const definition = { input, sensitive: ["token"], concurrency: { max: 1, key } };
  const retry = (given: object) => fail(new RetryTask({ input: given }), definition);
  const newLimitKey = limitKeyOf(limits!, { page: 2 });
  expect(await retry({ page: 2, token: "secret" })).toMatchObject({ kind: "retry", newLimitKey });
  expect(await retry({ page: 0 })).not.toHaveProperty("newLimitKey");
});

test.each<[string, unknown, string]>([
  ["the wrong type", { page: "two" }, "args.page"],
  ["a key that is not known", { page: 2, pgae: 3 }, "args.pgae: is not allowed"],
  ["what JSON cannot hold", { page: 2, at: new Map() }, "args.at: is a Map"],
])("an input of RetryTask that does not fit fails the task for good: %s", async (_what, given, message) => {
  const definition = { input: z.object({ page: z.number().default(1) }) };
  expect(await fail(new RetryTask({ input: given }), definition)).toMatchObject({
    kind: "failed",
    error: { type: "MisfitError", message: expect.stringContaining(message), retryable: false },
  });
});

test("an invalid delay is refused by the constructor", () => {
  expect(() => new RetryTask({ delay: "soon" })).toThrow("delay of RetryTask: expected a duration");
  expect(() => new RetryTask({ delay: "366d" })).toThrow("at most 365 days");
  expect(() => new SnoozeTask(-1)).toThrow("delay of SnoozeTask: expected");
  expect(() => contextFor().snooze(undefined as never)).toThrow("delay of SnoozeTask: expected");
});

test("a snooze is not a failure, whatever the attempt, the retry policy and the worker's stop", async () => {
  const records: LogRecord[] = [];
  const context = contextFor({ attempt: 3, log: recordingLog(records) });
  context.abort.request(new WorkerStopping());
  expect(await fail(new SnoozeTask("5m"), { context, retry: { on: [] } })).toMatchObject({
    ...{ kind: "snoozed", delayMs: 300_000 },
  });
  expect(records).toEqual([]);
});

test("a cancel and a time limit override RetryTask and SnoozeTask", async () => {
  for (const thrown of [new SnoozeTask("5m"), new RetryTask()]) {
    const cancelled = contextFor();
    cancelled.abort.request(new TaskCancelled());
    expect(await fail(thrown, { context: cancelled })).toMatchObject({ kind: "revoked" });
    const overdue = contextFor();
    overdue.abort.request(new TimeLimitExceeded(5));
    expect(await fail(thrown, { context: overdue })).toMatchObject({ error: { type: "TimeLimitExceeded" } });
  }
});

test("a stopping worker requeues failed attempts, unless the code threw RetryTask", async () => {
  const stopped = (): RunContext => {
    const context = contextFor();
    context.abort.request(new WorkerStopping());
    return context;
  };
  expect(await fail(new Error("aborted"), { context: stopped() })).toMatchObject({ kind: "givenBack" });
  const asked = new RetryTask({ delay: 0, input: { page: 3 } });
  expect(await fail(asked, { context: stopped() })).toMatchObject({ kind: "retry", newInput: [{ page: 3 }] });
});

test("on and notOn select the errors that are retried", async () => {
  const kinds = async (retry: RetryOptions): Promise<string[]> => {
    const thrown = [new TypeError("t"), new RangeError("r"), new FatalError("f"), "text"];
    return (await Promise.all(thrown.map((one) => fail(one, { retry })))).map(({ kind }) => kind);
  };
  expect(await kinds({ on: [TypeError] })).toEqual(["retry", "failed", "failed", "failed"]);
  expect(await kinds({ notOn: ["RangeError"] })).toEqual(["retry", "failed", "failed", "retry"]);
  expect(await kinds({ on: [Error], notOn: [TypeError] })).toEqual(["failed", "retry", "failed", "failed"]);
  expect(await kinds({ on: (error) => error === "text" })).toEqual(["failed", "failed", "failed", "retry"]);
  const overdue = contextFor();
  overdue.abort.request(new TimeLimitExceeded(5));
  expect(await fail(null, { context: overdue, retry: { notOn: [TimeLimitExceeded] } })).toMatchObject({
    ...{ kind: "failed", error: { type: "TimeLimitExceeded", retryable: false } },
  });
});

test("a failing function of a definition has no effect, and is logged", async () => {
  const bad = [
    () => Promise.reject(new Error("never")),
    () => "soon",
    (): never => {
      throw new Error("bad");
    },
  ];
  for (const ask of bad as (() => never)[]) {
    const records: LogRecord[] = [];
    const context = contextFor({ log: recordingLog(records) });
    const outcome = await fail(new TypeError("t"), {
      ...{ context, expectedErrors: ask },
      retry: { on: ask, notOn: ask, backoff: ask, initialDelay: "4s" },
    });
    expect(outcome).toMatchObject({ kind: "retry", delayMs: 4_000 });
    const told = records.map(({ message }) => /function (\S+)/.exec(message)?.[1]);
    expect(told).toEqual(["retry.on", "retry.notOn", "expectedErrors", "retry.backoff", undefined]);
  }
});

test("a backoff function receives the attempt and its error, and returns the delay", async () => {
  const backoff = (attempt: number, error: unknown): string =>
    error instanceof RangeError ? `${attempt * 10}s` : "1h";
  const context = () => contextFor({ attempt: 2 });
  expect(await fail(new RangeError("r"), { retry: { backoff }, context: context() })).toMatchObject({
    delayMs: 20_000,
  });
  expect(await fail(new RetryTask(), { retry: { backoff }, context: context() })).toMatchObject({
    delayMs: HOUR,
  });
  expect(await fail(new RetryTask({ delay: "1s" }), { retry: { backoff } })).toMatchObject({
    delayMs: 1_000,
  });
});

test("retry.for: no attempt starts later than this after the task was first due", async () => {
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR);
  const retry = { for: "2h", maxAttempts: 100, initialDelay: "30m", maxDelay: "1h" } as const;
  const kind = async (part: Parameters<typeof contextFor>[0]): Promise<string> =>
    (await fail(new Error("down"), { retry, context: contextFor({ maxAttempts: 100, ...part }) })).kind;
  expect(await kind({ createdAt: ago(1.4) })).toBe("retry");
  expect(await kind({ createdAt: ago(1.6) })).toBe("failed");
  expect(await kind({ createdAt: ago(1.6), options: { firstDueMs: HOUR } })).toBe("retry");
  expect(await kind({ createdAt: ago(1), attempt: 100 })).toBe("failed");
  const late = contextFor({ maxAttempts: 100, createdAt: ago(1.6) });
  expect(await fail(new RetryTask({ delay: "1h", reason: "Busy." }), { retry, context: late })).toMatchObject(
    {
      error: { message: "Busy. No attempt follows: the time of retry.for is over." },
    },
  );
});

test("a failed attempt is logged as a warning; an expected error as information", async () => {
  const records: LogRecord[] = [];
  const context = () => contextFor({ log: recordingLog(records) });
  const expectedErrors = [RangeError];
  await fail(new TypeError("broken"), { expectedErrors, context: context() });
  await fail(new RangeError("down"), { expectedErrors, context: context() });
  await fail(new FatalError("no"), { expectedErrors, context: context() });
  await fail(new RetryTask(), { context: context() });
  const about = { task: "test.task", attempt: 1, maxAttempts: 3, taskId: expect.any(String) };
  expect(records).toEqual([
    {
      ...{ level: "warn", message: "An attempt failed; another follows" },
      fields: {
        ...about,
        error: "TypeError: broken",
        delayMs: 2_000,
        stack: expect.stringContaining("failures.test"),
      },
    },
    {
      ...{ level: "info", message: "An attempt failed; another follows" },
      fields: { ...about, error: "RangeError: down", delayMs: 2_000 },
    },
    {
      ...{ level: "warn", message: "An attempt failed, and its task with it" },
      fields: { ...about, error: "FatalError: no", reason: "the error is fatal", stack: expect.any(String) },
    },
    expect.objectContaining({ level: "info" }),
  ]);
});

test("control errors of another copy of the package are accepted; errors that only look like them are not", async () => {
  const other = Object.assign(new Error("x"), { name: "SnoozeTask", delayMs: 50 });
  expect(await fail(other)).toMatchObject({ kind: "snoozed", delayMs: 50 });
  const retry = Object.assign(new Error("x"), { name: "RetryTask", delayMs: "rubbish", newInput: "rubbish" });
  expect(await fail(retry)).toMatchObject({ kind: "retry", delayMs: 2_000, newInput: null });
  expect(await fail(Object.assign(new Error("x"), { name: "SnoozeTask" }))).toMatchObject({ kind: "retry" });
});

const SECRET = "correct horse battery staple";
const PARTS = /correct|horse|battery|staple/;

/** An attempt that knows a secret and throws; what is recorded of it, as text. */
async function failKnowing(thrown: unknown): Promise<string> {
  const context = contextFor({ input: { token: SECRET } });
  context.secrets = { "/token": SECRET };
  return JSON.stringify(await fail(thrown, { context, sensitive: ["token"] }));
}

test.each<[string, (secret: string) => unknown]>([
  ["a message", (secret) => new Error(`${"x".repeat(8_180)}${secret}`)],
  [
    "the message of a cause",
    (secret) => new Error("x", { cause: new Error(`${"x".repeat(1_010)}${secret}`) }),
  ],
  [
    "a stack",
    (secret) => Object.assign(new Error("x"), { stack: `Error: x\n${"y".repeat(16_360)}${secret}` }),
  ],
  ["a type", (secret) => Object.assign(new Error("x"), { name: secret })],
  ["a type that is cut", (secret) => Object.assign(new Error("x"), { name: `${"T".repeat(115)}${secret}` })],
  [
    "the type of a cause",
    (secret) => new Error("x", { cause: Object.assign(new Error("x"), { name: secret }) }),
  ],
  ["a code that stands for the message", (secret) => Object.assign(new Error(""), { code: `E_${secret}` })],
  ["one of several errors", (secret) => new AggregateError([new Error("a"), new Error(secret)])],
  ["a cause that is not an Error", (secret) => new Error("x", { cause: { sent: secret } })],
  ["what is thrown and not an Error", (secret) => ({ sent: [secret] })],
  ["a key of what is thrown", (secret) => ({ [secret]: 1 })],
  ["the reason of a RetryTask", (secret) => new RetryTask({ reason: `${"x".repeat(8_180)}${secret}` })],
  ["what its author has cut", (secret) => new Error(`got "${secret.slice(0, 12)}…"`)],
])("a sensitive value is hidden in the recorded outcome, when it is in %s", async (_where, throwing) => {
  expect(await failKnowing(throwing(SECRET))).not.toMatch(PARTS);
});

test("a sensitive value of the next attempt's input is hidden, also where the message is cut", async () => {
  const next = "entirely different words";
  const asked = new RetryTask({ input: { token: next }, reason: `${"x".repeat(8_180)}${next}` });
  const { error } = (await fail(asked, { sensitive: ["token"] })) as Extract<Outcome, { kind: "retry" }>;
  expect(JSON.stringify(error)).not.toMatch(/entirely|different/);
});
