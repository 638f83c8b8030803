import type { Clock } from "../lib/clock.ts";
import type { Sql } from "../store/connection/sql.ts";

const FUNCTIONS = [
  ["now", "stable"],
  ["transaction_timestamp", "stable"],
  ["statement_timestamp", "stable"],
  ["clock_timestamp", "volatile"],
] as const;

/**
 * Replacements of the functions that return the time, in a schema that comes before PostgreSQL's in
 * the search path.
 */
const INSTALL = [
  `create schema test_clock`,
  `create table test_clock.step (ahead interval not null)`,
  `insert into test_clock.step values ('0')`,
  ...FUNCTIONS.map(
    ([name, kind]) => `create function test_clock.${name}() returns timestamptz language sql ${kind}
      as 'select pg_catalog.${name}() + (select ahead from test_clock.step)'`,
  ),
];

/** The embedded database has one session, so this holds for all that comes. */
const USE = `set search_path = test_clock, pg_catalog, public`;

/**
 * Statements that set the defaults of columns again. The database comes with its tables, and a
 * default calls the function that was found when it was made; these find those of the test's clock.
 */
const DEFAULTS = `
  select format('alter table %s alter column %I set default %s', d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)) as statement
    from pg_attrdef d join pg_attribute a on (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
   where a.attgenerated = '' and pg_get_expr(d.adbin, d.adrelid) ~ $1`;

/**
 * A clock that goes on as time does, and can be moved on: that of a process and that of its
 * embedded database, together.
 */
export class TestClock implements Clock {
  #aheadMs = 0;
  #sql: Sql | null = null;

  /** Gives the database its part of the clock, before anything is written to its tables. */
  async install(sql: Sql): Promise<void> {
    const names = FUNCTIONS.map(([name]) => name).join("|");
    const defaults = await sql.run<{ statement: string }>(DEFAULTS, [`\\m(?:${names})\\(`]);
    for (const statement of [...INSTALL, USE, ...defaults.map((row) => row.statement)])
      await sql.run(statement);
    this.#sql = sql;
  }

  now = (): Date => new Date(Date.now() + this.#aheadMs);

  monotonic = (): number => performance.now() + this.#aheadMs;

  /** Sets it to a time. */
  set = (now: Date): Promise<void> => this.advance(now.getTime() - this.now().getTime());

  async advance(ms: number): Promise<void> {
    this.#aheadMs += Math.ceil(ms);
    await this.#sql!.run("update test_clock.step set ahead = $1::bigint * interval '1 millisecond'", [
      this.#aheadMs,
    ]);
  }
}
