import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openStores, type Stores } from "../../../../src/app/adapters.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import type { ClaimedTask, NewTask, Outcome } from "../../../../src/store/tasks/task-store.ts";
import { bucketOf } from "../../../../src/task/records/histogram.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { outcomeOf } from "../../../support/engine-parts.ts";
import { fullCount } from "../../../support/stat-count.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

const KEEP_MS = 60_000;
const ALL = { by: "all" } as const;
const failure = (fingerprint: string, message = "no"): object => ({
  kind: "failed",
  error: { type: "Error", message, stack: null, retryable: true, fingerprint },
});
const success = { kind: "succeeded", output: 1 };

describe.each(DATABASES)("statistics on $kind", ({ open }) => {
  let opened: TestDatabase;
  let stores: Stores;
  let sql: Sql;
  let worker = newWorker();

  beforeAll(async () => {
    opened = await open();
    sql = opened.database.sql;
    stores = openStores(opened.database);
  });
  afterAll(() => opened[Symbol.asyncDispose]());
  beforeEach(async () => {
    await sql.run("delete from lovage.task");
    await sql.run("delete from lovage.task_stat");
    worker = newWorker();
    await stores.workers.register(worker);
  });

  const insert = async (part: Partial<NewTask> = {}, count = 1): Promise<string[]> => {
    const rows = Array.from({ length: count }, () => newTask(part));
    await stores.tasks.insert(rows, "each");
    return rows.map(({ id }) => id);
  };
  const claim = (taskIds: readonly string[], by = worker): Promise<ClaimedTask[]> =>
    stores.tasks.claim({ taskIds, workerId: by.id, workerName: by.name, names: ["test.task", "other.task"] });
  const started = async (part: Partial<NewTask> = {}, count = 1): Promise<ClaimedTask[]> =>
    claim(await insert(part, count));
  const finish = (tasks: readonly ClaimedTask[], part: object): Promise<unknown> =>
    stores.tasks.finish(tasks.map((task): Outcome => outcomeOf(task, part)));
  const counts = async (): Promise<Record<string, number>> => {
    const {
      success: succeeded,
      failure: failed,
      ...rest
    } = (await stores.stats.ended(ALL, "LAST_HOUR")).get("")!;
    return { succeeded, failed, revoked: rest.revoked, expired: rest.expired, retried: rest.retried };
  };
  const agree = async (): Promise<void> => {
    const { rows, stats } = await fullCount(sql);
    expect(stats).toEqual(rows);
  };

  test("every way that a task can end is counted once, and nothing else is", async () => {
    await finish(await started({}, 5), success);
    await finish(await started({ name: "other.task", queue: "other" }, 2), success);
    await finish(await started({}, 3), failure("one"));
    const retried = await started({}, 2);
    await finish(retried, { ...failure("two"), kind: "retry", delayMs: 0 });
    await finish(await started(), { kind: "revoked" });
    await finish(await started(), { kind: "givenBack" });
    await finish(await started(), { kind: "snoozed", delayMs: 60_000 });
    const asked = await started();
    await stores.taskControl.revoke([asked[0]!.summary.id], true, KEEP_MS);
    expect(await counts()).toEqual({ succeeded: 7, failed: 3, revoked: 1, expired: 0, retried: 2 });
    // Not given back, since someone asked to cancel it.
    await finish(asked, { kind: "givenBack" });
    await stores.taskControl.revoke([retried[0]!.summary.id, ...(await insert())], false, KEEP_MS);
    await insert({ expiresInMs: 0 }, 4);
    await stores.maintenance.expire(100, KEEP_MS);
    await insert({ queue: "purged" }, 6);
    await stores.taskControl.purgeQueue("purged", 100, KEEP_MS);
    await agree();
    expect(await counts()).toEqual({ succeeded: 7, failed: 3, revoked: 10, expired: 4, retried: 2 });
  });

  test("tasks of a worker that was lost are counted where that ends them", async () => {
    const lost = newWorker({ status: "LOST" });
    const dying = await started({}, 3);
    await stores.taskControl.revoke([dying[2]!.summary.id], true, KEEP_MS);
    const ids = dying.map(({ summary }) => summary.id);
    await stores.workers.register(lost);
    await sql.run("update lovage.task set worker_id = $1 where id = any($2)", [lost.id, ids]);
    await sql.run("update lovage.task set crash_count = 2 where id = $1", [ids[0]]);
    await stores.maintenance.rescue(10, 3, KEEP_MS);
    expect(await counts()).toMatchObject({ failed: 1, revoked: 1 });
    await agree();
    const [group] = await stores.stats.failureGroups("LAST_HOUR", 10);
    expect(group).toMatchObject({
      fingerprint: "WorkerLost",
      type: "WorkerLost",
      count: 1,
      sampleId: ids[0],
    });
  });

  test("an outcome that is sent twice, or too late, is counted once", async () => {
    const tasks = await started({}, 2);
    await finish(tasks, success);
    await finish(tasks, success);
    const sent = tasks.map((task) => ({ outcome: outcomeOf(task, success), crashCount: 0 }));
    await stores.tasks.findFinished(sent);
    expect(await counts()).toMatchObject({ succeeded: 2 });
  });

  test("a finish that is rolled back was never counted, and one within a task's transaction is", async () => {
    const [one, two] = await started({}, 2);
    const within = (task: ClaimedTask, end: () => void): Promise<void> =>
      stores.transactions.run(async (transaction) => {
        await transaction.finish(outcomeOf(task, success));
        end();
      });
    const no = new Error("no");
    await expect(within(one!, () => { throw no; })).rejects.toThrow(no); // oxfmt-ignore
    await within(two!, () => undefined);
    expect(await counts()).toMatchObject({ succeeded: 1 });
    await agree();
  });

  test("a change of an ended task that leaves its state is not counted again", async () => {
    const tasks = await started({}, 2);
    await finish(tasks.slice(0, 1), success);
    await finish(tasks.slice(1), { ...failure("f"), kind: "retry", delayMs: 60_000 });
    await sql.run("update lovage.task set keep_until = now(), tags = '{x}'");
    expect(await counts()).toMatchObject({ succeeded: 1, retried: 1 });
  });

  test("durations fall into the buckets that the code reads them from", async () => {
    const [first] = await started();
    const { id } = first!.summary;
    for (const ms of [0, 0.5, 1, 7, 40, 999, 1_000, 61_000, 5_000_000, 2e10]) {
      await sql.run("delete from lovage.task_stat");
      await sql.run("update lovage.task set state = 'STARTED' where id = $1", [id]);
      await sql.run(
        `update lovage.task set state = 'SUCCESS', queued_at = '2026-05-01Z', started_at = '2026-05-01Z'::timestamptz + 3 * s.span,
                finished_at = '2026-05-01Z'::timestamptz + 4 * s.span
           from (select $2::float8 * interval '1 millisecond' as span) s where id = $1`,
        [id, ms],
      );
      const [row] = await sql.run(
        "select run_buckets[1] as run, wait_buckets[1] as wait from lovage.task_stat",
      );
      expect(row, `${ms} ms`).toEqual({ run: bucketOf(ms), wait: bucketOf(3 * ms) });
    }
  });

  test("groups of failures: the largest first, then the newest, with the newest task and its message", async () => {
    await finish(await started({}, 2), failure("often", "the first message"));
    const [newest] = await started();
    await finish([newest!], failure("often", "the newest message"));
    await finish(await started(), failure("seldom"));
    await finish(await started({ name: "other.task" }), failure("often"));
    const groups = await stores.stats.failureGroups("LAST_DAY", 10);
    expect(groups.map(({ fingerprint, name, count }) => [fingerprint, name, count])).toEqual([
      ["often", "test.task", 3],
      ["often", "other.task", 1],
      ["seldom", "test.task", 1],
    ]);
    expect(groups[0]).toMatchObject({
      message: "the newest message",
      sampleId: newest!.summary.id,
      type: "Error",
    });
    expect(await stores.stats.failureGroups("LAST_DAY", 1)).toHaveLength(1);
    await agree();
    const filter = { fingerprint: "often", names: ["test.task"] };
    expect((await stores.reader.counts([filter], 100))[0]!.count).toBe(3);
  });

  test("names and queues are counted each for itself, unfinished tasks as they are now", async () => {
    await finish(await started({ name: "other.task", queue: "other" }, 2), success);
    await finish(await started({}, 1), success);
    await insert({ delayMs: 60_000 }, 2);
    await insert({ held: true }, 3);
    await insert({ queue: "other" }, 4);
    await finish(await started({ queue: "other" }), { ...failure("f"), kind: "retry", delayMs: 60_000 });
    await started({}, 5);
    const byName = await stores.stats.ended(
      { by: "name", keys: ["test.task", "other.task", "unknown"] },
      "LAST_HOUR",
    );
    expect([...byName].map(([key, { success: ended }]) => [key, ended])).toEqual([
      ["test.task", 1],
      ["other.task", 2],
      ["unknown", 0],
    ]);
    const byQueue = await stores.stats.ended({ by: "queue", keys: ["other"] }, "LAST_HOUR");
    expect(byQueue.get("other")!.throughput.reduce((sum, { value }) => sum + value, 0)).toBe(2);
    const whole = { pending: 3, scheduled: 2, queued: 4, started: 5, retry: 1 };
    expect((await stores.stats.unfinished(ALL)).get("")).toEqual(whole);
    expect((await stores.stats.unfinished({ by: "name", keys: ["test.task"] })).get("test.task")).toEqual(
      whole,
    );
    const other = (await stores.stats.unfinished({ by: "queue", keys: ["other"] })).get("other");
    expect(other).toEqual({ pending: 0, scheduled: 0, queued: 4, started: 0, retry: 1 });
  });
});
