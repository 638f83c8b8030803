import type { Histogram } from "../../task/records/histogram.ts";
import type { TaskState } from "../../task/records/state.ts";
import {
  type CountedOutcome,
  type FailureGroup,
  type StatsWindow,
  summarize,
  type UnfinishedCounts,
  WINDOW_SHAPES,
  type WindowStats,
} from "../../task/records/stats.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import { epochAs, toNumber } from "../tasks/rows.ts";
import type { Sql } from "../connection/sql.ts";
import { ALL_TASKS, type StatScope, type StatStore } from "./stat-store.ts";

/** $1 is the end of the window (null: now), $2 its length and $3 its step, in seconds. */
const WINDOW = `
  bounds as (
    select till, to_timestamp(floor((date_part('epoch', till) - $2) / $3) * $3) as since
      from (select coalesce($1::timestamptz, now()) as till) given),
  counted as not materialized (
    select s.*, b.since from bounds b join lovage.task_stat s on s.stage = any('{0,1,2,3}') and s.at >= b.since and s.at <= b.till`;

/**
 * One statement, and so one snapshot: rows that are being rolled up are counted once. Each part
 * reads them again, since a copy may not fit into memory. Buckets without counts are one of each
 * task.
 */
function endedText(key: string, condition: string): string {
  return `
  with ${WINDOW} ${condition})
  select '' as key, 'since' as what, 0 as step, date_part('epoch', since) as n from bounds
  union all
  select '', 'until', 0, date_part('epoch', till) from bounds
  union all
  select ${key}, outcome, floor(date_part('epoch', at - since) / $3)::int, sum(count)::float8 from counted group by 1, 2, 3
  union all
  select ${key}, 'run', bucket, sum(coalesce(n, 1))::float8 from counted, unnest(run_buckets, run_counts) as u(bucket, n)
   where bucket is not null group by 1, 3
  union all
  select ${key}, 'wait', bucket, sum(coalesce(n, 1))::float8 from counted, unnest(wait_buckets, wait_counts) as u(bucket, n)
   where bucket is not null group by 1, 3`;
}

/** Each part reads one small partial index. */
function unfinishedText(key: string, condition: string): string {
  const part = (states: string): string =>
    `select ${key} as key, state, count(*) as count from lovage.task where ${states} ${condition} group by 1, 2`;
  return ["state = 'PENDING'", "state in ('SCHEDULED','RETRY')", "state = 'QUEUED'", "state = 'STARTED'"]
    .map(part)
    .join("\n  union all\n  ");
}

const ENDED = {
  all: endedText(`'${ALL_TASKS}'`, ""),
  name: endedText("name", "and s.name = any($4::text[])"),
  queue: endedText("queue", "and s.queue = any($4::text[])"),
};
const UNFINISHED = {
  all: unfinishedText(`'${ALL_TASKS}'`, ""),
  name: unfinishedText("name", "and name = any($1::text[])"),
  queue: unfinishedText("queue", "and queue = any($1::text[])"),
};

const FAILURES = `
  with ${WINDOW} and s.outcome = 'FAILURE' and s.fingerprint is not null)
  select fingerprint, name, sum(count) as count, ${epochAs("min(first_at)", "first_at")}, ${epochAs("max(last_at)", "last_at")},
         (array_agg(error_type order by last_at desc))[1] as type, (array_agg(error_message order by last_at desc))[1] as message,
         (array_agg(sample_id order by last_at desc))[1] as "sampleId"
    from counted group by fingerprint, name order by sum(count) desc, max(last_at) desc, fingerprint, name limit $4`;

const WORKERS = `
  select count(*) filter (where status in ('${LIVE_STATUSES.join("','")}'))::int as online, count(*) filter (where status = 'LOST')::int as lost
    from lovage.worker`;

interface EndedRow {
  readonly key: string;
  readonly what: CountedOutcome | "run" | "wait" | "since" | "until";
  readonly step: number;
  readonly n: number;
}

interface FailureRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly count: string | number;
  readonly first_at: number;
  readonly last_at: number;
  readonly type: string | null;
  readonly message: string | null;
  readonly sampleId: string;
}

const NONE: UnfinishedCounts = { pending: 0, scheduled: 0, queued: 0, started: 0, retry: 0 };

export class PgStatStore implements StatStore {
  constructor(private readonly sql: Sql) {}

  async ended(scope: StatScope, window: StatsWindow, now?: Date): Promise<ReadonlyMap<string, WindowStats>> {
    const rows = await this.sql.run<EndedRow>(ENDED[scope.by], [
      ...boundsOf(window, now),
      ...(scope.by === "all" ? [] : [scope.keys]),
    ]);
    const momentOf = (what: "since" | "until"): Date =>
      new Date(Math.floor(rows.find((row) => row.what === what)!.n * 1_000));
    const [since, until] = [momentOf("since"), momentOf("until")];
    const { stepMs } = WINDOW_SHAPES[window];
    const byKey = Map.groupBy(rows, (row) => row.key);
    return new Map(
      keysOf(scope).map((key) => {
        const own = byKey.get(key) ?? [];
        const parts = {
          ended: endedOf(own),
          runTimes: histogramOf(own, "run"),
          waitTimes: histogramOf(own, "wait"),
        };
        return [key, summarize({ since, until, stepMs, ...parts })];
      }),
    );
  }

  async unfinished(scope: StatScope): Promise<ReadonlyMap<string, UnfinishedCounts>> {
    type Row = { key: string; state: TaskState; count: string | number };
    const rows = await this.sql.run<Row>(UNFINISHED[scope.by], scope.by === "all" ? [] : [scope.keys]);
    const byKey = Map.groupBy(rows, (row) => row.key);
    return new Map(
      keysOf(scope).map((key) => {
        const counts = (byKey.get(key) ?? []).map(({ state, count }) => [
          state.toLowerCase(),
          toNumber(count),
        ]);
        return [key, { ...NONE, ...Object.fromEntries(counts) } as UnfinishedCounts];
      }),
    );
  }

  async workers(): Promise<{ readonly online: number; readonly lost: number }> {
    const [row] = await this.sql.run<{ online: number; lost: number }>(WORKERS);
    return row!;
  }

  async failureGroups(window: StatsWindow, limit: number, now?: Date): Promise<FailureGroup[]> {
    const rows = await this.sql.run<FailureRow>(FAILURES, [...boundsOf(window, now), limit]);
    return rows.map((row) => ({
      fingerprint: row.fingerprint,
      type: row.type ?? "Error",
      message: row.message ?? "",
      name: row.name,
      count: toNumber(row.count),
      firstSeenAt: new Date(row.first_at),
      lastSeenAt: new Date(row.last_at),
      sampleId: row.sampleId,
    }));
  }
}

function boundsOf(window: StatsWindow, now: Date | undefined): readonly unknown[] {
  const { lengthMs, stepMs } = WINDOW_SHAPES[window];
  return [now ?? null, lengthMs / 1_000, stepMs / 1_000];
}

function keysOf(scope: StatScope): readonly string[] {
  return scope.by === "all" ? [ALL_TASKS] : scope.keys;
}

function endedOf(rows: readonly EndedRow[]): Map<CountedOutcome, number[]> {
  const ended = new Map<CountedOutcome, number[]>();
  for (const { what, step, n } of rows) {
    if (what === "run" || what === "wait" || what === "since" || what === "until") continue;
    const steps = ended.get(what) ?? [];
    steps[step] = (steps[step] ?? 0) + n;
    ended.set(what, steps);
  }
  return ended;
}

function histogramOf(rows: readonly EndedRow[], what: "run" | "wait"): Histogram {
  return new Map(rows.flatMap((row): [number, number][] => (row.what === what ? [[row.step, row.n]] : [])));
}
