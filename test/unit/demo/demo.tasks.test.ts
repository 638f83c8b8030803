import { expect, test, vi } from "vitest";
import { add, debug, myTask } from "../../../src/demo/demo.tasks.ts";
import { FatalError } from "../../../src/index.ts";
import { parseInput, recordContext, runTask } from "../../support/run-task.ts";

test("demo.myTask logs, waits while it reports its progress, logs", async () => {
  const { context, log, progress } = recordContext();
  const startedAt = performance.now();
  await expect(runTask(myTask, { seconds: 1.2 }, context)).resolves.toEqual({ seconds: 1.2 });
  expect(performance.now() - startedAt).toBeGreaterThan(1100);
  expect(log).toEqual(["task starts", "task ends"]);
  expect(progress.map(({ current, total }) => [current, total])).toEqual([
    [1, 1.2],
    [1.2, 1.2],
  ]);
});

test("demo.myTask waits five seconds by default, and accepts no infinite waits", async () => {
  await expect(parseInput(myTask, {})).resolves.toEqual({ seconds: 5 });
  await expect(runTask(myTask, { seconds: 0 })).resolves.toEqual({ seconds: 0 });
  await expect(parseInput(myTask, { seconds: 3601 })).rejects.toThrow("input.seconds");
  await expect(parseInput(myTask, { seconds: -1 })).rejects.toThrow("input.seconds");
});

test("demo.myTask stops at once when cancelled, with the reason of the cancellation, and never logs that it ended", async () => {
  const controller = new AbortController();
  const { context, log } = recordContext({ signal: controller.signal });
  const running = runTask(myTask, { seconds: 3600 }, context);
  await vi.waitFor(() => expect(log).toEqual(["task starts"]));
  controller.abort(new Error("cancelled by a user"));
  await expect(running).rejects.toThrow("cancelled by a user");
  expect(log).toEqual(["task starts"]);
});

test("demo.add adds", async () => {
  await expect(runTask(add, { x: 2, y: 0.5 })).resolves.toBe(2.5);
});

test("demo.add refuses for good a sum that is not a number", async () => {
  const running = runTask(add, { x: Number.MAX_VALUE, y: Number.MAX_VALUE });
  await expect(running).rejects.toThrow(FatalError);
  await expect(running).rejects.toThrow(/x \+ y: expected a finite sum, got /);
});

test("demo.debug returns its own context", async () => {
  const { context } = recordContext({ attempt: 2, tags: ["a"], queue: "slow" });
  await expect(runTask(debug, { note: "hello" }, context)).resolves.toEqual({
    id: context.id,
    name: "test.task",
    input: { note: "hello" },
    attempt: 2,
    maxAttempts: 5,
    queue: "slow",
    tags: ["a"],
    idempotencyKey: "key-1",
    schedule: null,
    workerId: context.workerId,
    workerName: "tester",
    createdAt: "2026-05-01T09:00:00.000Z",
    startedAt: "2026-05-01T09:00:01.000Z",
  });
});
