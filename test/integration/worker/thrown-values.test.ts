import { toError } from "../../../src/lib/thrown.ts";
import { type AddressInfo, connect, createServer } from "node:net";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { restoreError } from "../../../src/app/handle.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { RunContext } from "../../../src/worker/attempt/run-context.ts";
import { settled } from "../../support/run-context.ts";
import { describeError } from "../../../src/worker/attempt/task-error.ts";
import { AttemptRunner } from "../../../src/worker/attempt/attempt.ts";
import { newTask } from "../../support/store-rows.ts";

const trap = (): never => {
  throw new Error("trap");
};
const THROWN: readonly [string, unknown][] = [
  ["a proxy that answers nothing", new Proxy({}, { get: trap, getPrototypeOf: trap })],
  ["an object whose toJSON throws", { toJSON: trap }],
  ["a bigint", 10n],
  ["null", null],
];

test.each(THROWN)("%s ends the attempt like any error, and its slot is free again", async (_what, thrown) => {
  const { id, name, queue, priority, tags } = newTask();
  const at = new Date();
  const summary = {
    ...{
      id,
      name,
      queue,
      priority,
      tags,
      attempt: 1,
      maxAttempts: 3,
      crashCount: 0,
      version: 2,
      progress: null,
    },
    ...{
      state: "STARTED" as const,
      createdAt: at,
      queuedAt: at,
      startedAt: at,
      finishedAt: null,
      runAt: null,
      scheduleId: null,
    },
    ...{ workerId: "0199aaaa-0000-7000-8000-000000000001", workerName: "worker@test" },
  };
  const transact = () => Promise.reject(new Error("There is no database."));
  const host = {
    workerName: "worker@test",
    log: silentLogger,
    onProgress: () => undefined,
    onLongTurn: () => undefined,
    transact,
    enqueue: transact,
  };
  const context = new RunContext(
    { summary, input: {}, timeLimitMs: null, options: null, idempotencyKey: null, schedule: null },
    host,
  );
  const definition = defineTask({ name: "test.task", run: () => Promise.reject(thrown) });
  const outcome = await settled(new AttemptRunner({ keepMs: 1_000 }), definition, context);
  expect(outcome).toMatchObject({ kind: "retry", error: { type: "Error", retryable: true } });
});

test("a value without a string form is still an Error", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(toError(circle).message).toBe("A value that is not an Error was thrown: an object that is not JSON");
  expect(toError(10n).message).toBe("A value that is not an Error was thrown: 10");
  expect(toError("text").message).toBe("A value that is not an Error was thrown: text");
});

/**
 * An Error that was looked at before, as a debugger or a tracer does: a stack is written when it is
 * first read.
 */
const unreadable = (key: string, error: Error = new Error("said")): Error =>
  Object.defineProperty(error, error.stack === "" ? "" : key, { get: trap });
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

test.each<[string, unknown, object]>([
  ["message", unreadable("message"), { type: "Error", stack: expect.stringContaining("said") }],
  ["stack", unreadable("stack"), { type: "Error", message: "said", stack: null }],
  ["name", unreadable("name", new TypeError("said")), { type: "TypeError", message: "said" }],
  ["cause", unreadable("cause"), { type: "Error", message: "said", stack: expect.stringContaining("said") }],
  [
    "errors",
    unreadable("errors", new AggregateError([], "said")),
    { type: "AggregateError", message: "said" },
  ],
  [
    "message of its cause",
    new Error("said", { cause: unreadable("message") }),
    { message: "said", causes: [{ type: "Error" }] },
  ],
])("an Error whose %s cannot be read loses nothing else", (_what, thrown, expected) => {
  expect(describeError(thrown, true)).toMatchObject(expected);
});

test.each<[string, unknown, object]>([
  [
    "a name that is a symbol",
    Object.assign(new RangeError("said"), { name: Symbol("n") }),
    { type: "RangeError", message: "said" },
  ],
  [
    "no prototype",
    Object.create(null),
    { type: "Error", message: "A value that is not an Error was thrown: {}" },
  ],
  ["a proxy that was revoked", revoked(), { type: "Error" }],
  ["a function", () => 1, { message: "A value that is not an Error was thrown: a function" }],
  ["undefined", undefined, { message: "A value that is not an Error was thrown: undefined" }],
  ["a symbol", Symbol("s"), { message: "A value that is not an Error was thrown: a symbol" }],
  [
    "an Error of another realm",
    runInNewContext('new TypeError("there")'),
    { type: "TypeError", message: "there" },
  ],
  [
    "a stack that names no file",
    Object.assign(new Error("x"), { stack: "Error: x\n    at f (file://far.example/x.js:1:1)" }),
    { message: "x" },
  ],
  [
    "a cause that is text",
    new Error("on top", { cause: "ECONN" }),
    { message: "on top", causes: [{ type: "string", message: "ECONN" }] },
  ],
])("a thrown value with %s is recorded as far as it can be read", (_what, thrown, expected) => {
  expect(describeError(thrown, true)).toMatchObject(expected);
});

test("aggregated errors are causes, and a code replaces an empty message", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const lookup = (_host: string, _options: object, done: (error: null, found: object[]) => void): void =>
    done(null, [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ]);
  const thrown: unknown = await new Promise((resolve) =>
    connect({ host: "both.example", port, lookup: lookup as never, autoSelectFamily: true }).on(
      "error",
      resolve,
    ),
  );
  expect(thrown).toBeInstanceOf(AggregateError);
  const described = describeError(thrown, true);
  expect(described).toMatchObject({
    ...{ type: "AggregateError", message: "ECONNREFUSED" },
    causes: ["127.0.0.1", "127.0.0.2"].map((address) => ({
      ...{ type: "Error", message: `connect ECONNREFUSED ${address}:${port}` },
    })),
  });
  const restored = restoreError(described) as AggregateError;
  expect(restored).toBeInstanceOf(AggregateError);
  expect(restored).toMatchObject({ name: "AggregateError", message: "ECONNREFUSED" });
  expect(restored.errors.map(({ message }: Error) => message)).toEqual(
    described.causes!.map(({ message }) => message),
  );
});

test("an aggregated error without a message has the message of its first error", () => {
  const both = new AggregateError([new TypeError("first"), "second"]);
  expect(describeError(both, true)).toMatchObject({
    message: "first",
    causes: [
      { type: "TypeError", message: "first" },
      { type: "string", message: "second" },
    ],
  });
  both.errors.push(both);
  expect(describeError(both, true).causes).toHaveLength(4);
});
