import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openStores, type Stores } from "../../../../src/app/adapters.ts";
import { RollUp } from "../../../../src/engine/maintenance/roll-up.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import { STATS_WINDOWS, type WindowStats } from "../../../../src/task/records/stats.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ALL = { by: "all" } as const;
/** A full hour some time ago, so that "now" can be any time after it. */
const START = new Date("2026-05-01T09:00:00Z").getTime();

describe.each(DATABASES)("the roll-up on $kind", ({ open }) => {
  let opened: TestDatabase;
  let stores: Stores;
  let sql: Sql;

  beforeAll(async () => {
    opened = await open();
    sql = opened.database.sql;
    stores = openStores(opened.database);
  });
  afterAll(() => opened[Symbol.asyncDispose]());
  beforeEach(() => sql.run("delete from lovage.task_stat"));

  /** Rows as the trigger adds them: one for each of so many statements, each of one task. */
  const count = async (minute: number, rows: number, part: Record<string, unknown> = {}): Promise<void> => {
    const { name = "a", outcome = "SUCCESS", fingerprint = null, bucket = 10 } = part;
    await sql.run(
      `insert into lovage.task_stat (stage, at, name, queue, outcome, count, run_buckets, wait_buckets, fingerprint, error_type, error_message,
                                     first_at, last_at, sample_id)
       select 0, $1::timestamptz, $2, 'q', $3, 1, array[$4::smallint], array[3::smallint], $5, 'E', 'message ' || i,
              $1::timestamptz + i * interval '1 second', $1::timestamptz + i * interval '1 second', gen_random_uuid()
         from generate_series(1, $6) i`,
      [new Date(START + minute * MINUTE), name, outcome, bucket, fingerprint, rows],
    );
  };
  const at = (offset: number): Date => new Date(START + offset);
  const rows = (): Promise<readonly object[]> =>
    sql.run(`select stage, (extract(epoch from at) * 1000 - ${START})::float8 / ${MINUTE} as minute, name, outcome, count
               from lovage.task_stat order by at, name, outcome, stage`);
  const rollUp = async (now: Date, limit = 1_000): Promise<void> => {
    while (await stores.statMaintenance.rollUp(limit, now));
  };
  /** Each of these rows is of tasks that ran: each task is in one bucket of either kind. */
  const everyTaskHasItsBuckets = async (): Promise<void> => {
    const summed = (what: string): string =>
      `(select sum(coalesce(n, 1)) from unnest(${what}_buckets, ${what}_counts) as u(bucket, n))`;
    const odd = `select * from lovage.task_stat where count <> ${summed("run")} or count <> ${summed("wait")}`;
    expect(await sql.run(odd)).toEqual([]);
  };
  /** What is read of every window, at a time. */
  const readAll = async (now: Date): Promise<unknown[]> => {
    const stats = await Promise.all(STATS_WINDOWS.map((window) => stores.stats.ended(ALL, window, now)));
    const groups = await Promise.all(
      STATS_WINDOWS.map((window) => stores.stats.failureGroups(window, 500, now)),
    );
    return [...stats.map((one): WindowStats => one.get("")!), ...groups];
  };

  test("a minute that is over becomes one row for each name and outcome; the one under way stays", async () => {
    await count(0, 3);
    await count(0, 2, { name: "b", bucket: 20 });
    await count(0, 1, { outcome: "REVOKED" });
    await count(2, 2);
    const before = await readAll(at(2.5 * MINUTE));
    await rollUp(at(2.5 * MINUTE));
    expect(await rows()).toEqual([
      { stage: 2, minute: 0, name: "a", outcome: "REVOKED", count: 1 },
      { stage: 2, minute: 0, name: "a", outcome: "SUCCESS", count: 3 },
      { stage: 2, minute: 0, name: "b", outcome: "SUCCESS", count: 2 },
      { stage: 0, minute: 2, name: "a", outcome: "SUCCESS", count: 1 },
      { stage: 0, minute: 2, name: "a", outcome: "SUCCESS", count: 1 },
    ]);
    expect(await readAll(at(2.5 * MINUTE))).toEqual(before);
    await everyTaskHasItsBuckets();
  });

  test("many rows of the minute under way are added up before it is over, a few are not", async () => {
    await count(0, 199);
    await rollUp(at(20_000));
    expect(await rows()).toHaveLength(199);
    await count(0, 1);
    await rollUp(at(20_000));
    expect(await rows()).toEqual([{ stage: 1, minute: 0, name: "a", outcome: "SUCCESS", count: 200 }]);
    await count(0, 1);
    await rollUp(at(3 * MINUTE));
    expect(await rows()).toEqual([{ stage: 2, minute: 0, name: "a", outcome: "SUCCESS", count: 201 }]);
  });

  test("minutes older than a day become hours, which are deleted after the longest window", async () => {
    for (const minute of [0, 1, 59, 60]) await count(minute, 2, { bucket: minute });
    await rollUp(at(2 * HOUR));
    expect(await rows()).toHaveLength(4);
    await rollUp(at(DAY + HOUR + HOUR - 1));
    expect(await rows()).toHaveLength(4);
    const now = at(DAY + 2 * HOUR);
    const before = await readAll(now);
    await rollUp(now);
    expect(await rows()).toEqual([
      { stage: 3, minute: 0, name: "a", outcome: "SUCCESS", count: 6 },
      { stage: 2, minute: 60, name: "a", outcome: "SUCCESS", count: 2 },
    ]);
    expect(await readAll(now)).toEqual(before);
    await everyTaskHasItsBuckets();
    expect(await stores.statMaintenance.deleteOldStats(10, at(40 * DAY))).toBe(0);
    expect(await stores.statMaintenance.deleteOldStats(10, at(40 * DAY + HOUR))).toBe(1);
  });

  test("groups of failures keep their values: count, first and last time, newest task and message", async () => {
    await count(0, 5, { outcome: "FAILURE", fingerprint: "f" });
    await count(1, 2, { outcome: "FAILURE", fingerprint: "f" });
    await count(1, 1, { outcome: "FAILURE", fingerprint: "g", name: "b" });
    for (const now of [at(3 * MINUTE), at(27 * HOUR)]) {
      const before = await readAll(now);
      await rollUp(now);
      expect(await readAll(now)).toEqual(before);
    }
    const [group] = await stores.stats.failureGroups("LAST_WEEK", 1, at(27 * HOUR));
    expect(group).toMatchObject({
      count: 7,
      message: "message 2",
      firstSeenAt: at(1_000),
      lastSeenAt: at(MINUTE + 2_000),
    });
  });

  test("of very many reasons to fail the most frequent stay separate; the rest is still counted", async () => {
    for (let reason = 0; reason < 130; reason += 1)
      await count(0, reason < 5 ? 2 : 1, { outcome: "FAILURE", fingerprint: `f${reason}` });
    await rollUp(at(3 * MINUTE));
    const groups = await stores.stats.failureGroups("LAST_HOUR", 500, at(3 * MINUTE));
    expect(groups).toHaveLength(100);
    expect(groups.slice(0, 6).map((group) => group.count)).toEqual([2, 2, 2, 2, 2, 1]);
    expect((await stores.stats.ended(ALL, "LAST_HOUR", at(3 * MINUTE))).get("")!.failure).toBe(135);
  });

  test("any number of processes may roll up at once, in small batches, and while others count", async () => {
    for (let minute = 0; minute < 5; minute += 1) await count(minute, 60, { bucket: minute });
    const loops = Array.from({ length: 4 }, () => rollUp(at(10 * MINUTE), 7));
    await Promise.all([...loops, count(2, 5, { bucket: 2 }), count(10, 5, { bucket: 10 })]);
    const stats = (await stores.stats.ended(ALL, "LAST_HOUR", at(10.5 * MINUTE))).get("")!;
    expect(stats.succeeded.filter(({ value }) => value > 0).map(({ value }) => value)).toEqual([
      60, 60, 65, 60, 60, 5,
    ]);
  });

  test("the loop continues until all is done, and deletes old statistics", async () => {
    const long = Math.round((Date.now() - START) / MINUTE);
    await count(long - 10, 50);
    await count(long - 41 * 24 * 60, 50);
    const loop = new RollUp(stores.statMaintenance, () => undefined, { batchSize: 20 });
    await loop.rollUp();
    expect((await rows()).reduce((sum: number, row) => sum + (row as { count: number }).count, 0)).toBe(50);
    expect((await rows()).length).toBeLessThanOrEqual(3);
  });
});
