import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClaimedTask, NewTask } from "../../../../src/store/tasks/task-store.ts";
import { DATABASES } from "../../../support/databases.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../../support/engine-parts.ts";
import { newTask } from "../../../support/store-rows.ts";

const error = { type: "RetryTask", message: "again", stack: null, retryable: true, fingerprint: "x" };

describe.each(DATABASES)("a finish of retries and snoozes: $kind", (place) => {
  let parts: EngineParts;
  beforeAll(async () => {
    parts = await openEngineParts(place);
  });
  afterAll(() => parts[Symbol.asyncDispose]());

  async function claimed(part: Partial<NewTask> = {}): Promise<ClaimedTask> {
    const id = await parts.insert(part);
    return claim(id);
  }
  async function claim(id: string): Promise<ClaimedTask> {
    const [task] = await parts.claim(await parts.register(), [id]);
    return task!;
  }
  /** Records an outcome of the task and claims it again as soon as it is due. */
  async function goOn(task: ClaimedTask, outcome: object): Promise<ClaimedTask> {
    const [finished] = await parts.stores.tasks.finish([outcomeOf(task, { delayMs: 0, ...outcome })]);
    expect(finished).toMatchObject({ state: "RETRY" });
    await parts.stores.maintenance.promoteDue(100);
    return claim(task.summary.id);
  }

  test("snoozed again and again, a task has no attempt more, and no failed ones", async () => {
    let task = await claimed();
    for (let round = 0; round < 3; round += 1) {
      task = await goOn(task, { kind: "snoozed" });
      expect(task.summary.attempt).toBe(1);
    }
    task = await goOn(task, { kind: "retry", error });
    task = await goOn(task, { kind: "snoozed" });
    expect(task.summary.attempt).toBe(2);
    const record = await parts.read(task.summary.id);
    expect(record.attempts).toMatchObject([{ number: 1, error: { type: "RetryTask" } }]);
  });

  test("a snooze is due at its time, has no error, and is found when its answer was lost", async () => {
    const task = await claimed();
    const outcome = outcomeOf(task, { kind: "snoozed", delayMs: 60_000 });
    const answer = await parts.stores.tasks.finish([outcome]);
    expect(answer).toMatchObject([{ state: "RETRY", attempt: 0, version: 3 }]);
    expect(answer[0]!.runAt!.getTime() - task.summary.startedAt.getTime()).toBeGreaterThanOrEqual(60_000);
    expect(await parts.stores.tasks.findFinished([{ outcome, crashCount: 0 }])).toEqual(answer);
    expect(await parts.stores.tasks.finish([outcome])).toEqual([null]);
    expect(await parts.read(task.summary.id)).toMatchObject({ error: null, attempts: [], input: { x: 1 } });
  });

  test("a task that someone asked to cancel is neither snoozed nor given a new input", async () => {
    for (const outcome of [{ kind: "snoozed" }, { kind: "retry", error, newInput: [{ x: 2 }] }]) {
      const task = await claimed();
      await parts.stores.taskControl.revoke([task.summary.id], true, 1_000);
      const sent = outcomeOf(task, { delayMs: 0, ...outcome });
      const answer = await parts.stores.tasks.finish([sent]);
      expect(answer).toMatchObject([{ state: "REVOKED", version: 3 }]);
      expect(await parts.stores.tasks.findFinished([{ outcome: sent, crashCount: 0 }])).toEqual(answer);
      const record = await parts.read(task.summary.id);
      expect(record).toMatchObject({ attempt: 1, input: { x: 1 }, options: null });
    }
  });

  test("a new input is the task's own from now on, be it null", async () => {
    let task = await claimed({ options: { softTimeLimitMs: 5 } });
    task = await goOn(task, { kind: "retry", error, newInput: [{ x: 2 }] });
    expect(task.input).toEqual({ x: 2 });
    task = await goOn(task, { kind: "retry", error, newInput: [null] });
    expect(task).toMatchObject({ input: null, options: { softTimeLimitMs: 5, enqueuedInput: { x: 1 } } });
    task = await goOn(task, { kind: "retry", error });
    expect(task.input).toBeNull();
  });

  test("limit keys of a task change with its input, and with nothing else", async () => {
    const worker = await parts.register();
    const id = await parts.insert({ limitKey: "one" });
    const goOnFrom = async (key: string, outcome: object): Promise<unknown> => {
      const { tasks } = await parts.stores.limited.claimPartition({
        ...{ queue: "default", partition: "test.task", workerId: worker.id, workerName: worker.name },
        ...{ wanted: [{ key, count: 1 }], concurrency: [], queueLimited: false, names: ["test.task"] },
      });
      await parts.stores.tasks.finish([outcomeOf(tasks[0]!, { error, delayMs: 0, ...outcome })]);
      await parts.stores.maintenance.promoteDue(100);
      const [row] = await parts.sql.run("select input, limit_key from lovage.task where id = $1", [id]);
      return row;
    };
    const first = { input: { x: 1 }, limit_key: "one" };
    expect(await goOnFrom("one", { kind: "retry" })).toEqual(first);
    expect(await goOnFrom("one", { kind: "snoozed" })).toEqual(first);
    const changed = { kind: "retry", newInput: [null], newLimitKey: "two" };
    expect(await goOnFrom("one", changed)).toEqual({ input: null, limit_key: "two" });
    const unlimited = { kind: "retry", newInput: [{ x: 3 }] };
    expect(await goOnFrom("two", unlimited)).toEqual({ input: { x: 3 }, limit_key: "two" });
  });

  test.each<[string, NewTask["input"]]>([
    ["an object", { x: 1 }],
    ["null", null],
  ])("an idempotent enqueue is compared with the stored call: %s", async (what, input) => {
    const key = { idempotencyKey: `key of ${what}`, input };
    const task = await claimed(key);
    await goOn(task, { kind: "retry", error, newInput: [{ x: 2 }] });
    const again = await parts.stores.tasks.insert([newTask(key)], "each");
    expect(again).toEqual([{ kind: "existing", taskId: task.summary.id }]);
    const other = await parts.stores.tasks.insert([newTask({ ...key, input: { x: 2 } })], "each");
    expect(other).toMatchObject([{ kind: "conflict" }]);
  });
});
