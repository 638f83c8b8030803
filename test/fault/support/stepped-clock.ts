import type { Cluster } from "./cluster.ts";

const FUNCTIONS = [
  ["now", "stable"],
  ["transaction_timestamp", "stable"],
  ["statement_timestamp", "stable"],
  ["clock_timestamp", "volatile"],
] as const;

/**
 * The functions that tell the time, again, in a schema that is looked at before PostgreSQL's own.
 */
const INSTALL = `
  create schema clock;
  create table clock.step (ahead interval not null);
  insert into clock.step values ('0');
  ${FUNCTIONS.map(
    ([name, kind]) => `create function clock.${name}() returns timestamptz language sql ${kind}
      as 'select pg_catalog.${name}() + (select ahead from clock.step)';`,
  ).join("\n")}
  do $$ begin execute format('alter database %I set search_path = clock, pg_catalog, public', current_database()); end $$;`;

/**
 * For `startCluster({ databaseUrl })`: gives a database a clock that can be set, before anything
 * else is in it.
 */
export async function withSteppedClock(url: string): Promise<string> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(INSTALL);
  } finally {
    await client.end();
  }
  return url;
}

/**
 * Sets the database's clock by so many milliseconds: for every statement from now on, in all
 * sessions.
 */
export async function stepClock({ checker }: Pick<Cluster, "checker">, ms: number): Promise<void> {
  await checker.query("update clock.step set ahead = ahead + $1::bigint * interval '1 millisecond'", [ms]);
}
