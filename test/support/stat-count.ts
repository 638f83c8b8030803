import type { Sql } from "../../src/store/connection/sql.ts";

/**
 * What the table of tasks says: how many of each name and queue ended in which way, and how many
 * attempts were followed by another.
 */
const BY_ROWS = `
  select name, queue, state as outcome, count(*)::int as count from lovage.task
   where state in ('SUCCESS','FAILURE','REVOKED','EXPIRED') group by 1, 2, 3
  union all
  select name, queue, 'RETRY', sum(jsonb_array_length(attempts))::int from lovage.task
   where jsonb_array_length(attempts) > 0 group by 1, 2
   order by 1, 2, 3`;
const BY_STATS = `
  select name, queue, outcome, sum(count)::int as count from lovage.task_stat group by 1, 2, 3 order by 1, 2, 3`;

/** Minute by minute. Retried attempts are looked for in their JSON. */
const MINUTES_BY_ROWS = `
  select date_trunc('minute', at) as minute, outcome, count(*)::int as count
    from (select finished_at as at, state as outcome from lovage.task where finished_at is not null
          union all
          select (a->>'finishedAt')::timestamptz, 'RETRY' from lovage.task, jsonb_array_elements(attempts) a) ends
   group by 1, 2 order by 1, 2`;
const MINUTES_BY_STATS = `
  select at as minute, outcome, sum(count)::int as count from lovage.task_stat where stage < 3 group by 1, 2 order by 1, 2`;

const spans = (from: string, to: string): string => `
  select bucket, count(*)::int as count
    from (select least(ceil(ln(greatest(date_part('epoch', ${to} - ${from}) * 1000, 1)) / ln(1.2::float8)), 125)::int as bucket
            from lovage.task where state in ('SUCCESS','FAILURE')) one
   group by 1 order by 1`;
const buckets = (what: string): string => `
  select bucket::int, sum(coalesce(n, 1))::int as count
    from lovage.task_stat, unnest(${what}_buckets, ${what}_counts) as u(bucket, n) group by 1 order by 1`;

const FAILURES_BY_ROWS = `
  select error->>'fingerprint' as fingerprint, name, count(*)::int as count, min(finished_at) as first, max(finished_at) as last
    from lovage.task where state = 'FAILURE' group by 1, 2 order by 1, 2`;
const FAILURES_BY_STATS = `
  select fingerprint, name, sum(count)::int as count, min(first_at) as first, max(last_at) as last
    from lovage.task_stat where outcome = 'FAILURE' group by 1, 2 order by 1, 2`;

const PAIRS = {
  outcomes: [BY_ROWS, BY_STATS],
  minutes: [MINUTES_BY_ROWS, MINUTES_BY_STATS],
  runTimes: [spans("started_at", "finished_at"), buckets("run")],
  waitTimes: [spans("queued_at", "started_at"), buckets("wait")],
  failures: [FAILURES_BY_ROWS, FAILURES_BY_STATS],
} as const;

type Counts = Readonly<Record<keyof typeof PAIRS, readonly unknown[]>>;

/**
 * Both sides of a full count. None of the tasks may have been deleted, and none be older than the
 * roll-up's hours.
 */
export async function fullCount(
  sql: Pick<Sql, "run">,
): Promise<{ readonly rows: Counts; readonly stats: Counts }> {
  const read = async (side: 0 | 1): Promise<Counts> => {
    const counts: Partial<Record<keyof Counts, readonly unknown[]>> = {};
    for (const [what, texts] of Object.entries(PAIRS))
      counts[what as keyof Counts] = await sql.run(texts[side]);
    return counts as Counts;
  };
  return { rows: await read(0), stats: await read(1) };
}
