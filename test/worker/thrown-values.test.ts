import { expect, test } from "vitest";
import { toError } from "../../src/errors.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { defineTask } from "../../src/task/definition.ts";
import { RunContext } from "../../src/worker/run-context.ts";
import { settled } from "../support/run-context.ts";
import { Runner } from "../../src/worker/runner.ts";
import { newTask } from "../support/store-rows.ts";

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
  const outcome = await settled(new Runner({ keepMs: 1_000 }), definition, context);
  expect(outcome).toMatchObject({ kind: "retry", error: { type: "Error", retryable: true } });
});

test("what cannot be put into words is still an Error", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(toError(circle).message).toBe("A value that is no Error was thrown: an object that is not JSON");
  expect(toError(10n).message).toBe("A value that is no Error was thrown: 10");
  expect(toError("text").message).toBe("A value that is no Error was thrown: text");
});
