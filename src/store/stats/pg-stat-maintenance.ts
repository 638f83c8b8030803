import { DAY, HOUR } from "../../lib/clock.ts";
import type { Sql } from "../connection/sql.ts";
import type { StatMaintenanceStore } from "./stat-store.ts";

/**
 * Number of the most frequent fingerprints that are kept for a name and queue in a minute or an
 * hour; further failures are only counted.
 */
const MAX_FINGERPRINTS = 100;
/**
 * Rows of the current minute that are not merged: reading so few costs less than rolling them up.
 */
const FEW_ROWS = 200;
/**
 * Transactions that began in a past minute commit their rows within about this time; later rows
 * stay separate until the hour.
 */
const LATE = "1 minute";
/**
 * Minutes are kept longer than the longest window that is read by the minute, and hours longer than
 * the longest window.
 */
const MINUTES_KEPT = `${(DAY + HOUR) / HOUR} hours`;
const HOURS_KEPT = "40 days";

/**
 * Merges rows of the stages $5 before $2 into rows of stage $1: one for each unit of time $3, name,
 * queue, outcome and fingerprint. One statement deletes and inserts, so readers see the old rows or
 * the new ones.
 */
const ROLL_UP = `
  with taken as (
    select stage, at, id from lovage.task_stat where stage = any($5::smallint[]) and at < $2 order by stage, at limit $4 for update skip locked),
  gone as (
    delete from lovage.task_stat s using taken k where s.stage = k.stage and s.at = k.at and s.id = k.id
    returning s.*, date_trunc($3, s.at, 'UTC') as slot),
  reason as (
    select slot, name, queue, fingerprint, row_number() over (partition by slot, name, queue order by sum(count) desc, fingerprint) as rank
      from gone where fingerprint is not null group by slot, name, queue, fingerprint),
  keyed as (
    select g.slot, g.name, g.queue, g.outcome, g.count, g.run_buckets, g.run_counts, g.wait_buckets, g.wait_counts,
           r.fingerprint, g.error_type, g.error_message, g.first_at, g.last_at, g.sample_id,
           dense_rank() over (order by g.slot, g.name, g.queue, g.outcome, r.fingerprint) as key
      from gone g
      left join reason r on r.slot = g.slot and r.name = g.name and r.queue = g.queue and r.fingerprint = g.fingerprint
                            and r.rank <= ${MAX_FINGERPRINTS}),
  run as (${addedUp("run")}),
  wait as (${addedUp("wait")})
  insert into lovage.task_stat (stage, at, name, queue, outcome, count, run_buckets, run_counts, wait_buckets, wait_counts, fingerprint,
                                error_type, error_message, first_at, last_at, sample_id)
  select $1, k.slot, k.name, k.queue, k.outcome, sum(k.count), run.buckets, run.counts, wait.buckets, wait.counts, k.fingerprint,
         ${newest("error_type")}, ${newest("error_message")}, min(k.first_at), max(k.last_at), ${newest("sample_id")}
    from keyed k left join run on run.key = k.key left join wait on wait.key = k.key
   group by k.slot, k.name, k.queue, k.outcome, k.fingerprint, run.buckets, run.counts, wait.buckets, wait.counts
  returning (select count(*) from taken) as taken`;

function addedUp(what: "run" | "wait"): string {
  return `
    select key, array_agg(bucket) as buckets, array_agg(n) as counts
      from (select k.key, u.bucket, sum(coalesce(u.n, 1))::int as n
              from keyed k cross join lateral unnest(k.${what}_buckets, k.${what}_counts) as u(bucket, n)
             where u.bucket is not null
             group by k.key, u.bucket) summed
     group by key`;
}

/** Returns the SQL for the newest value of a column in a group of failures. */
function newest(column: string): string {
  return `(array_agg(k.${column} order by k.last_at desc) filter (where k.fingerprint is not null))[1]`;
}

const NOW = "coalesce($1::timestamptz, now())";
const LOOK = `
  select date_trunc('minute', ${NOW} - interval '${LATE}', 'UTC') as minute,
         date_trunc('hour', ${NOW} - interval '${MINUTES_KEPT}', 'UTC') as hour,
         (select count(*) from (select from lovage.task_stat where stage = 0 limit ${FEW_ROWS}) few) = ${FEW_ROWS} as many`;

const DELETE_OLD = `
  with old as (
    select stage, at, id from lovage.task_stat
     where stage = any('{0,1,2,3}') and at < ${NOW} - interval '${HOURS_KEPT}' limit $2 for update skip locked)
  delete from lovage.task_stat s using old where s.stage = old.stage and s.at = old.at and s.id = old.id returning s.id`;

export class PgStatMaintenance implements StatMaintenanceStore {
  constructor(private readonly sql: Sql) {}

  async rollUp(limit: number, now?: Date): Promise<boolean> {
    const [look] = await this.sql.run<{ minute: unknown; hour: unknown; many: boolean }>(LOOK, [now ?? null]);
    const { minute, hour, many } = look!;
    const full = [
      await this.#rollUp(3, hour, "hour", limit),
      await this.#rollUp(2, minute, "minute", limit),
      many && (await this.#rollUp(1, "infinity", "minute", limit)),
    ];
    return full.includes(true);
  }

  async deleteOldStats(limit: number, now?: Date): Promise<number> {
    return (await this.sql.run(DELETE_OLD, [now ?? null, limit])).length;
  }

  /** Returns whether the batch was full. */
  async #rollUp(stage: number, before: unknown, unit: "minute" | "hour", limit: number): Promise<boolean> {
    const earlier = Array.from({ length: stage }, (_, index) => index);
    const rows = await this.sql.run<{ taken: string | number }>(ROLL_UP, [
      stage,
      before,
      unit,
      limit,
      earlier,
    ]);
    return Number(rows[0]?.taken ?? 0) === limit;
  }
}
