import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PgPartitionStore } from "../../../../src/store/partitions/pg-partition-store.ts";
import { PgQueueStore } from "../../../../src/store/queues/pg-queue-store.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { PgMaintenanceStore } from "../../../../src/store/maintenance/pg-maintenance-store.ts";
import { PgWorkerStore } from "../../../../src/store/workers/pg-worker-store.ts";
import type { PartitionClaim } from "../../../../src/store/partitions/partition-store.ts";
import type { NewTask } from "../../../../src/store/tasks/task-store.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

const partition = { queue: "default", partition: "test.task" };

describe.each(DATABASES)("limited tasks on $kind", ({ open }) => {
  let opened: TestDatabase;
  let sql: Sql;
  let store: PgPartitionStore;
  let tasks: PgTaskStore;
  let maintenance: PgMaintenanceStore;
  let queues: PgQueueStore;
  const worker = newWorker();

  beforeAll(async () => {
    opened = await open();
    sql = opened.database.sql;
    [store, tasks, maintenance] = [
      new PgPartitionStore(sql),
      new PgTaskStore(sql),
      new PgMaintenanceStore(sql),
    ];
    queues = new PgQueueStore(sql);
    await new PgWorkerStore(sql).register(worker);
  });
  afterAll(() => opened[Symbol.asyncDispose]());
  afterEach(() => sql.run("truncate lovage.task, lovage.queue, lovage.limit_turn"));

  const insert = async (count: number, part: Partial<NewTask> = {}): Promise<string[]> => {
    const rows = Array.from({ length: count }, () => newTask({ limitKey: "-", ...part }));
    await tasks.insert(rows, "each");
    return rows.map(({ id }) => id);
  };
  const claimPartition = (
    part: Partial<PartitionClaim> = {},
  ): ReturnType<PgPartitionStore["claimPartition"]> =>
    store.claimPartition({
      ...partition,
      workerId: worker.id,
      workerName: worker.name,
      wanted: [{ key: "-", count: 10 }],
      concurrency: [],
      queueLimited: false,
      names: ["test.task"],
      ...part,
    });
  const idsOf = ({ tasks: claimed }: Awaited<ReturnType<PgPartitionStore["claimPartition"]>>): string[] =>
    claimed.map(({ summary }) => summary.id);
  const plainClaim = (taskIds: readonly string[]) =>
    tasks.claim({ taskIds, workerId: worker.id, workerName: worker.name, names: ["test.task"] });

  test("a plain claim takes nothing that is limited, by itself or by its queue", async () => {
    const [limited] = await insert(1);
    const [queued] = await insert(1, { limitKey: null, queue: "narrow" });
    await queues.setLimits("narrow", { concurrencyLimit: 1, rateLimit: null });
    expect(await plainClaim([limited!, queued!])).toEqual([]);
    const left = await tasks.stillQueued([limited!, queued!]);
    expect(new Map(left.map((one) => [one.taskId, [one.limitKey, one.queueLimited]]))).toEqual(
      new Map([
        [limited, ["-", false]],
        [queued, [null, true]],
      ]),
    );
  });

  test("a claim takes the highest priority first, then the oldest, and returns everything needed to run", async () => {
    const ids = [...(await insert(2)), ...(await insert(1, { priority: "HIGH", input: { a: 1 } }))];
    const { tasks: claimed, allowed } = await claimPartition({ wanted: [{ key: "-", count: 2 }] });
    expect(allowed).toBe(2);
    expect(claimed).toHaveLength(2);
    const first = claimed.find(({ summary }) => summary.id === ids[2]);
    expect(first).toMatchObject({
      input: { a: 1 },
      summary: { state: "STARTED", attempt: 1, version: 2, limitKey: "-", workerId: worker.id },
    });
    expect(await store.firstWaiting(partition, [])).toMatchObject({
      name: "test.task",
      key: "-",
      crashCount: 0,
    });
  });

  test("a claim skips paused queues, expired tasks, dead workers, and queues whose limits it does not know", async () => {
    await insert(1, { queue: "paused" });
    await queues.setPaused("paused", true);
    expect(idsOf(await claimPartition({ queue: "paused" }))).toEqual([]);
    await insert(1, { queue: "narrow" });
    await queues.setLimits("narrow", { concurrencyLimit: null, rateLimit: "1/s" });
    expect(idsOf(await claimPartition({ queue: "narrow" }))).toEqual([]);
    expect(idsOf(await claimPartition({ queue: "narrow", queueLimited: true }))).toHaveLength(1);
    await insert(1);
    expect(idsOf(await claimPartition({ workerId: "00000000-0000-7000-8000-000000000000" }))).toEqual([]);
    await sql.run("update lovage.task set expires_at = now() where queue = 'default'");
    expect(idsOf(await claimPartition())).toEqual([]);
  });

  test("many claims at once start no more than the limits allow", async () => {
    await insert(30, { limitKey: "a" });
    await insert(30, { limitKey: "b" });
    const concurrency = [
      { max: 7, key: null },
      { max: 5, key: 0 },
    ];
    const wanted = [
      { key: "a", count: 4 },
      { key: "b", count: 4 },
    ];
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claimPartition({ concurrency, wanted })),
    );
    const keys = claims.flatMap(({ tasks: claimed }) => claimed.map(({ summary }) => summary.limitKey!));
    expect(keys).toHaveLength(7);
    for (const key of ["a", "b"]) expect(keys.filter((one) => one === key).length).toBeLessThanOrEqual(5);
    expect((await claimPartition({ concurrency, wanted })).allowed).toBe(0);
    const { running } = await store.partitionState(partition);
    expect([...running.values()].reduce((sum, count) => sum + count, 0)).toBe(7);
    await sql.run(`update lovage.task set state = 'SUCCESS' where id = (
      select id from lovage.task where state = 'STARTED' and limit_key = 'a' limit 1)`);
    expect(idsOf(await claimPartition({ concurrency, wanted }))).toHaveLength(1);
  });

  test("many claims at once keep within the limit of their queue, whatever partitions they are of", async () => {
    await queues.setLimits("narrow", { concurrencyLimit: 3, rateLimit: null });
    await insert(5, { queue: "narrow" });
    await insert(5, { queue: "narrow", limitKey: null });
    const claims = await Promise.all([
      ...Array.from({ length: 3 }, () => claimPartition({ queue: "narrow", queueLimited: true })),
      ...Array.from({ length: 3 }, () =>
        claimPartition({ queue: "narrow", partition: "*", queueLimited: true }),
      ),
    ]);
    expect(claims.flatMap(idsOf)).toHaveLength(3);
  });

  test("the partition of a queue holds its tasks without their own limits, of names that the worker knows", async () => {
    await queues.setLimits("narrow", { concurrencyLimit: 3, rateLimit: null });
    const part = { queue: "narrow", limitKey: null };
    const [own] = await insert(1, part);
    await insert(1, { ...part, name: "foreign.task" });
    await insert(1, { queue: "narrow" });
    const claim = { queue: "narrow", partition: "*", queueLimited: true };
    expect(idsOf(await claimPartition(claim))).toEqual([own]);
    const first = (): Promise<unknown> => store.firstWaiting(claim, ["test.task"]);
    expect(await first()).toMatchObject({ name: "foreign.task", key: null });
    // One that the worker could run, were it not its last chance, is not hidden behind those that
    // it does not know.
    const [left] = await insert(1, part);
    expect(await first()).toMatchObject({ id: left, name: "test.task" });
  });

  test("keys are listed in order from any key on, and the last turn is stored", async () => {
    expect(await store.partitionState(partition)).toEqual({ turn: "", running: new Map() });
    for (const limitKey of ["a", "B", "c", "_"]) await insert(3, { limitKey });
    expect(await store.waitingKeys(partition, "", 10, 2)).toEqual(
      ["B", "_", "a", "c"].map((key) => ({ key, count: 2 })),
    );
    expect((await store.waitingKeys(partition, "_", 1, 5)).map(({ key }) => key)).toEqual(["a"]);
    await claimPartition({ wanted: [{ key: "a", count: 1 }], turn: "a" });
    await claimPartition({ wanted: [{ key: "c", count: 1 }], concurrency: [{ max: 5, key: null }] });
    expect(await store.partitionState(partition)).toEqual({
      turn: "a",
      running: new Map([
        ["a", 1],
        ["c", 1],
      ]),
    });
  });

  test("tasks with many crashes are left, or taken alone", async () => {
    const [id] = await insert(2);
    await sql.run("update lovage.task set crash_count = 2 where id = $1", [id]);
    expect(idsOf(await claimPartition({ crashesFrom: 2 }))).toEqual([id]);
    expect(idsOf(await claimPartition({ crashesBelow: 2 }))).toHaveLength(1);
  });

  test("the repair finds each partition once, and does not count its tasks", async () => {
    await insert(3);
    await insert(3, { name: "other.task" });
    await insert(2, { queue: "narrow" });
    await insert(2, { queue: "narrow", limitKey: null });
    await insert(2, { limitKey: null });
    await queues.setLimits("narrow", { concurrencyLimit: 1, rateLimit: null });
    const partitionsOf = async (queue: string | null): Promise<string[]> =>
      (await maintenance.waitingPartitions(queue)).map((one) => `${one.queue} ${one.partition}`).toSorted();
    expect(await partitionsOf(null)).toEqual([
      "default other.task",
      "default test.task",
      "narrow *",
      "narrow test.task",
    ]);
    expect(await partitionsOf("narrow")).toEqual(["narrow *", "narrow test.task"]);
    expect(await maintenance.countWaiting("default", 0, 100)).toBe(2);
    expect(await maintenance.countWaiting("narrow", 0, 100)).toBe(0);
    expect(await maintenance.waitingHints(null, 0, null, 100)).toHaveLength(2);
  });

  test("tasks that waited before their definition had limits are adopted, others are not", async () => {
    const [plain] = await insert(1, { limitKey: null });
    const [other] = await insert(1, { limitKey: null, name: "other.task" });
    await store.backfillLimitKey([plain!, other!], ["test.task"]);
    const left = await tasks.stillQueued([plain!, other!]);
    expect(new Map(left.map(({ taskId, limitKey }) => [taskId, limitKey]))).toEqual(
      new Map([
        [plain, "-"],
        [other, null],
      ]),
    );
  });

  test("a rescue of a task also releases its key", async () => {
    await insert(1);
    await claimPartition();
    await sql.run("update lovage.worker set status = 'LOST'");
    const { requeued } = await maintenance.rescue(10, 3, 1_000);
    expect(requeued).toMatchObject([{ limitKey: "-", state: "QUEUED" }]);
    await sql.run("update lovage.worker set status = 'ONLINE'");
  });
});
