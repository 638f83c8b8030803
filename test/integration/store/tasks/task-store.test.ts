import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PgTaskControlStore } from "../../../../src/store/tasks/task-control-store.ts";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { PgMaintenanceStore } from "../../../../src/store/maintenance/pg-maintenance-store.ts";
import { PgQueueStore } from "../../../../src/store/queues/pg-queue-store.ts";
import { PgWorkerStore } from "../../../../src/store/workers/pg-worker-store.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import type { ClaimedTask, NewTask, Outcome } from "../../../../src/store/tasks/task-store.ts";
import { FINAL_STATES, TASK_STATES, type TaskState } from "../../../../src/task/records/state.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

/** A claimed task, flat. */
type Held = ClaimedTask["summary"] & Omit<ClaimedTask, "summary">;

const KEEP_MS = 60_000;
const error = { type: "Error", message: "no", stack: null, retryable: true, fingerprint: "f" };

describe.each(DATABASES)("the path of a task on $kind", ({ open }) => {
  let opened: TestDatabase;
  let sql: Sql;
  let tasks: PgTaskStore;
  let maintenance: PgMaintenanceStore;
  let control: PgTaskControlStore;
  let workers: PgWorkerStore;
  let reader: PgTaskReader;
  const worker = newWorker();

  beforeAll(async () => {
    opened = await open();
    sql = opened.database.sql;
    [tasks, maintenance, control] = [
      new PgTaskStore(sql),
      new PgMaintenanceStore(sql),
      new PgTaskControlStore(sql),
    ];
    [workers, reader] = [new PgWorkerStore(sql), new PgTaskReader(opened.database.orm)];
    await workers.register(worker);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const claim = async (
    ids: readonly string[],
    part: Partial<Parameters<PgTaskStore["claim"]>[0]> = {},
  ): Promise<Held[]> => {
    const claimed = await tasks.claim({
      taskIds: ids,
      workerId: worker.id,
      workerName: worker.name,
      names: ["test.task"],
      ...part,
    });
    return claimed.map(({ summary, ...rest }) => ({ ...summary, ...rest }));
  };
  const insertOne = async (part: Partial<NewTask> = {}): Promise<string> => {
    const row = newTask(part);
    await tasks.insert([row], "each");
    return row.id;
  };
  const started = async (part: Partial<NewTask> = {}): Promise<Held> =>
    (await claim([await insertOne(part)]))[0]!;
  const outcome = (task: Pick<Held, "id" | "version">, part: object): Outcome =>
    ({
      taskId: task.id,
      workerId: worker.id,
      version: task.version,
      progress: null,
      keepMs: KEEP_MS,
      ...part,
    }) as Outcome;
  const stateOf = async (id: string): Promise<TaskState> => (await reader.byIds([id]))[0]!.state;
  /** Brings a task into a state by legal means. */
  const taskIn = async (state: TaskState): Promise<string> => {
    if (state === "SCHEDULED") return insertOne({ delayMs: 60_000 });
    if (state === "QUEUED") return insertOne();
    if (state === "PENDING" || state === "EXPIRED") {
      const id = await insertOne();
      await sql.run("update lovage.task set state = $2 where id = $1", [id, state]);
      return id;
    }
    const task = await started();
    const kinds = {
      SUCCESS: { kind: "succeeded", output: 1 },
      FAILURE: { kind: "failed", error },
      REVOKED: { kind: "revoked" },
      RETRY: { kind: "retry", error, delayMs: 60_000 },
    };
    if (state !== "STARTED") await tasks.finish([outcome(task, kinds[state as keyof typeof kinds])]);
    return task.id;
  };

  test("insert, claim and finish carry a task to its result", async () => {
    const [inserted] = await tasks.insert(
      [newTask({ input: { a: [1, "é"] }, tags: ["t"], meta: { m: 1 }, priority: "HIGH" })],
      "each",
    );
    expect(inserted).toMatchObject({
      kind: "created",
      task: { state: "QUEUED", attempt: 0, version: 1, priority: "HIGH", tags: ["t"] },
    });
    const { id } = (inserted as { task: { id: string } }).task;
    const [claimed] = await claim([id]);
    expect(claimed).toMatchObject({
      id,
      state: "STARTED",
      attempt: 1,
      version: 2,
      input: { a: [1, "é"] },
      workerName: worker.name,
    });
    const [finished] = await tasks.finish([outcome(claimed!, { kind: "succeeded", output: { sum: 3 } })]);
    expect(finished).toMatchObject({ state: "SUCCESS", version: 3 });
    const [record] = await reader.byIds([id]);
    expect(record).toMatchObject({
      state: "SUCCESS",
      output: { sum: 3 },
      error: null,
      meta: { m: 1 },
      tags: ["t"],
      attempt: 1,
    });
    expect(record!.finishedAt!.getTime()).toBeGreaterThanOrEqual(record!.startedAt!.getTime());
  });

  test("a claim takes each task once, and only names that the worker has", async () => {
    const [id, foreign] = [await insertOne(), await insertOne({ name: "other.task" })];
    const both = await Promise.all([claim([id, foreign]), claim([id, foreign])]);
    expect(both.flat().map((task) => task.id)).toEqual([id]);
    expect(await tasks.stillQueued([id, foreign])).toEqual([
      {
        taskId: foreign,
        name: "other.task",
        queue: "default",
        priority: "NORMAL",
        paused: false,
        crashCount: 0,
        limitKey: null,
        queueLimited: false,
      },
    ]);
  });

  test("a claim leaves expired tasks, paused queues, and workers that are not live", async () => {
    const queues = new PgQueueStore(sql);
    const late = await insertOne();
    await sql.run("update lovage.task set expires_at = now() - interval '1 second' where id = $1", [late]);
    const paused = await insertOne({ queue: "held" });
    await queues.setPaused("held", true);
    expect(await claim([late, paused])).toEqual([]);
    await queues.setPaused("held", false);
    expect(await claim([paused], { workerId: newWorker().id })).toEqual([]);
    expect(await claim([paused])).toHaveLength(1);
  });

  test("a finish of a rescued task is fenced", async () => {
    const dead = newWorker();
    await workers.register(dead);
    const [task] = await claim([await insertOne()], { workerId: dead.id, workerName: dead.name });
    await sql.run("update lovage.worker set last_heartbeat_at = now() - interval '1 minute' where id = $1", [
      dead.id,
    ]);
    expect((await workers.markLost(30_000)).map((lost) => lost.id)).toEqual([dead.id]);
    const { requeued } = await maintenance.rescue(100, 3, KEEP_MS);
    expect(requeued).toMatchObject([{ id: task!.id, state: "QUEUED", attempt: 0, crashCount: 1 }]);
    const late = { taskId: task!.id, workerId: dead.id, version: task!.version, progress: null, keepMs: 1 };
    expect(await tasks.finish([{ ...late, kind: "succeeded", output: "late" }])).toEqual([null]);
    expect(await stateOf(task!.id)).toBe("QUEUED");
    expect(await workers.heartbeat(dead)).toBe(false);
  });

  /**
   * Lets a new worker claim a task; then that worker ends in some way, and its tasks are taken
   * back.
   */
  const claimAndEnd = async (id: string, end: (workerId: string) => Promise<unknown>) => {
    const gone = newWorker();
    await workers.register(gone);
    await claim([id], { workerId: gone.id, workerName: gone.name });
    await end(gone.id);
    await maintenance.rescue(100, 3, KEEP_MS);
    return (await reader.byIds([id]))[0]!;
  };
  const lose = (id: string) => sql.run("update lovage.worker set status = 'LOST' where id = $1", [id]);

  test("the third crash is the last", async () => {
    const id = await insertOne();
    for (const expected of ["QUEUED", "QUEUED", "FAILURE"])
      expect((await claimAndEnd(id, lose)).state).toBe(expected);
    expect((await reader.byIds([id]))[0]).toMatchObject({ crashCount: 3, error: { type: "WorkerLost" } });
  });

  test("a worker that left in order and could not requeue a task has not crashed, however often that happens", async () => {
    const id = await insertOne();
    for (let stop = 0; stop < 4; stop += 1)
      expect(await claimAndEnd(id, (gone) => workers.setOffline(gone))).toMatchObject({
        ...{ state: "QUEUED", attempt: 0, crashCount: 0 },
      });
  });

  test("a task whose worker's row was deleted is rescued, too", async () => {
    const kept = await started();
    const task = await claimAndEnd(await insertOne(), (gone) =>
      sql.run("delete from lovage.worker where id = $1", [gone]),
    );
    expect(task).toMatchObject({ state: "QUEUED", attempt: 0, crashCount: 1 });
    expect(await stateOf(kept.id)).toBe("STARTED");
  });

  test("a claim may exclude tasks whose workers died, and returns the number of crashes", async () => {
    const [sound, suspect] = [await insertOne(), await insertOne()];
    await claimAndEnd(suspect, lose);
    await claimAndEnd(suspect, lose);
    const claimed = await claim([sound, suspect], { crashesBelow: 2 });
    expect(claimed.map((task) => task.id)).toEqual([sound]);
    expect(await tasks.stillQueued([sound, suspect])).toMatchObject([{ taskId: suspect, crashCount: 2 }]);
    expect(await claim([suspect], { crashesBelow: 3 })).toHaveLength(1);
  });

  test("a retry keeps the failed attempt and comes back when it is due", async () => {
    const task = await started();
    const [retried] = await tasks.finish([outcome(task, { kind: "retry", error, delayMs: 0 })]);
    expect(retried).toMatchObject({ state: "RETRY", attempt: 1 });
    expect(await maintenance.nextDueInMs()).toBeLessThanOrEqual(0);
    expect((await maintenance.promoteDue(10)).map((due) => due.id)).toContain(task.id);
    const [again] = await claim([task.id]);
    expect(again).toMatchObject({ attempt: 2, version: 5 });
    expect((await reader.byIds([task.id]))[0]!.attempts).toMatchObject([
      { number: 1, state: "RETRY", error: { message: "no" } },
    ]);
  });

  test("a requeued task is not charged the attempt; a cancelled one does not return", async () => {
    const [back, cancelled] = [await started(), await started()];
    expect(await control.revoke([cancelled.id], true, KEEP_MS)).toEqual({
      revoked: [],
      cancelRequested: [cancelled.id],
    });
    const asked = (await tasks.startedBy(worker.id)).filter((task) => task.cancelRequested);
    expect(asked.map((task) => task.summary.id)).toEqual([cancelled.id]);
    const answers = await tasks.finish([
      outcome(back, { kind: "givenBack" }),
      outcome(cancelled, { kind: "retry", error, delayMs: 0 }),
    ]);
    expect(answers).toMatchObject([{ state: "QUEUED", attempt: 0 }, { state: "REVOKED" }]);
  });

  test("a cancelled task is not requeued to run again", async () => {
    const task = await started();
    await control.revoke([task.id], true, KEEP_MS);
    const [finished] = await tasks.finish([outcome(task, { kind: "givenBack" })]);
    expect(finished).toMatchObject({ state: "REVOKED", finishedAt: expect.any(Date) });
    expect((await reader.byIds([task.id]))[0]).toMatchObject({ keepUntil: expect.any(Date) });
  });

  test("a cancel misses no task that is claimed or requeued meanwhile", async () => {
    const rounds = Array.from({ length: 40 }, async (_, round) => {
      const id = await insertOne();
      const held = round % 2 === 0 ? null : (await claim([id]))[0]!;
      const change = held ? tasks.finish([outcome(held, { kind: "givenBack" })]) : claim([id]);
      const [revoked] = await Promise.all([control.revoke([id], true, KEEP_MS), change]);
      expect([...revoked.revoked.map((task) => task.id), ...revoked.cancelRequested]).toEqual([id]);
    });
    await Promise.all(rounds);
  });

  test("an idempotency key gives the same task for good, and refuses other input", async () => {
    const first = newTask({ idempotencyKey: "order-1" });
    const twin = newTask({ idempotencyKey: "order-1" });
    expect(await tasks.insert([first, twin], "each")).toMatchObject([
      { kind: "created" },
      { kind: "existing", taskId: first.id },
    ]);
    const other = newTask({ idempotencyKey: "order-1", input: { x: 2 } });
    const neighbour = newTask();
    expect(await tasks.insert([neighbour, other], "all")).toMatchObject([
      {},
      { kind: "conflict", taskId: first.id },
    ]);
    expect(await reader.byIds([neighbour.id])).toEqual([null]);
  });

  test("a unique key holds while its task is unfinished", async () => {
    const task = await started({ uniqueKey: "only" });
    const answer = await tasks.insert([newTask({ uniqueKey: "only" })], "each");
    expect(answer).toEqual([{ kind: "existing", taskId: task.id }]);
    await tasks.finish([outcome(task, { kind: "succeeded", output: null })]);
    expect(await tasks.insert([newTask({ uniqueKey: "only" })], "each")).toMatchObject([{ kind: "created" }]);
  });

  test("times that lie ahead schedule; times that have come do not", async () => {
    const rows = [
      newTask({ delayMs: 60_000 }),
      newTask({ runAt: new Date(Date.now() + 60_000) }),
      newTask({ runAt: new Date(0) }),
      newTask({ delayMs: 0 }),
    ];
    const inserted = await tasks.insert(rows, "each");
    expect(inserted.map((one) => one.kind === "created" && one.task.state)).toEqual([
      "SCHEDULED",
      "SCHEDULED",
      "QUEUED",
      "QUEUED",
    ]);
    expect((await control.runNow(rows.map((row) => row.id))).map((task) => task.id).sort()).toEqual(
      [rows[0]!.id, rows[1]!.id].sort(),
    );
  });

  test("waiting rows past their expiry end, and finished rows past their keeping are deleted", async () => {
    const id = await insertOne({ delayMs: 60_000, expiresInMs: 90_000 });
    await sql.run("update lovage.task set expires_at = now() where id = $1", [id]);
    expect((await maintenance.expire(10, 0)).map((task) => task.id)).toContain(id);
    expect(await maintenance.deleteExpired(100)).toBeGreaterThan(0);
    expect(await reader.byIds([id])).toEqual([null]);
  });

  test("progress is stored for the holder of the task only", async () => {
    const task = await started();
    const progress = { current: 1, total: 4, message: "quarter", updatedAt: new Date() };
    const report = { taskId: task.id, workerId: worker.id, version: task.version, progress };
    expect(await tasks.saveProgress([report, { ...report, version: task.version + 1 }])).toEqual([task.id]);
    expect((await reader.byIds([task.id]))[0]!.progress).toEqual(progress);
  });

  test("the hints of waiting rows can be read again, page by page", async () => {
    const ids = await Promise.all([1, 2, 3].map(() => insertOne({ queue: "lost" })));
    expect(await maintenance.queuesWithWaiting()).toContain("lost");
    expect(await maintenance.countWaiting("lost", 0, 2)).toBe(2);
    expect(await maintenance.countWaiting("lost", 60_000, 2)).toBe(0);
    const first = await maintenance.waitingHints("lost", 0, null, 2);
    const rest = await maintenance.waitingHints("lost", 0, first[1]!.taskId, 2);
    expect([...first, ...rest].map((hint) => hint.taskId)).toEqual(ids.sort());
    expect((await control.purgeQueue("lost", 10, KEEP_MS)).length).toBe(3);
  });

  test("one process replaces the broker's epoch", async () => {
    const before = await maintenance.brokerEpoch();
    const both = await Promise.all([
      maintenance.replaceBrokerEpoch(before, "a"),
      maintenance.replaceBrokerEpoch(before, "b"),
    ]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  describe("no statement leaves a final state or skips the claim", () => {
    test.each(TASK_STATES.filter((state) => state !== "QUEUED"))("%s cannot be claimed", async (state) => {
      const id = await taskIn(state);
      expect(await claim([id])).toEqual([]);
      expect(await stateOf(id)).toBe(state);
    });

    test.each(TASK_STATES.filter((state) => state !== "STARTED"))("%s cannot be finished", async (state) => {
      const id = await taskIn(state);
      const { version, workerId } = (await reader.byIds([id]))[0]!;
      const claimed = { id, version };
      const kinds = [
        { kind: "succeeded", output: 1 },
        { kind: "failed", error },
        { kind: "revoked" },
        { kind: "givenBack" },
        { kind: "retry", error, delayMs: 0 },
      ];
      for (const kind of kinds) {
        expect(await tasks.finish([{ ...outcome(claimed, kind), workerId: workerId ?? worker.id }])).toEqual([
          null,
        ]);
      }
      expect(await stateOf(id)).toBe(state);
    });

    test.each(FINAL_STATES)("%s is not revoked, run or expired", async (state) => {
      const id = await taskIn(state);
      await sql.run("update lovage.task set expires_at = now() where id = $1", [id]);
      expect(await control.revoke([id], true, KEEP_MS)).toEqual({ revoked: [], cancelRequested: [] });
      expect(await control.runNow([id])).toEqual([]);
      await maintenance.expire(100, KEEP_MS);
      expect(await stateOf(id)).toBe(state);
    });
  });
});
