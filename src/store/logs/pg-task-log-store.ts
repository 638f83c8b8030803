import type { JsonObject } from "../../lib/json/json.ts";
import { logLevelOf, logLevelRank, type LogLine } from "../../task/records/log-line.ts";
import { FINAL_STATES } from "../../task/records/state.ts";
import { epochAs, sqlStates } from "../tasks/rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { LogOwner, LogPosition, NewLogLine, StoredLines, TaskLogStore } from "./task-log-store.ts";

/**
 * Locks the task's row against deletion, or its lines would stay forever. The commit may be
 * asynchronous. The last line of the log shows which lines an earlier statement stored whose answer
 * was lost. Two attempts that write at once meet in the key: the later statement fails, and is sent
 * again.
 */
const APPEND = `
  with relaxed as materialized (select set_config('synchronous_commit', 'off', true)),
  given as (
    select g.* from relaxed, json_to_recordset($1::json) as g(n int, task uuid, version int, line int, attempt int, at bigint, level smallint,
                                                              message text, fields text)),
  owner as (select t.id from lovage.task t where t.id = any($2::uuid[]) for key share),
  last as (
    select owner.id, l.position, l.version, l.line
      from owner left join lateral (
             select l.position, l.version, l.line from lovage.task_log l where l.task_id = owner.id order by l.position desc limit 1) l on true),
  stored as (
    insert into lovage.task_log (task_id, position, version, line, attempt, at, level, message, fields)
    select g.task, coalesce(last.position, 0) + row_number() over (partition by g.task order by g.n), g.version, g.line, g.attempt,
           to_timestamp(g.at / 1000.0), g.level, g.message, g.fields::jsonb
      from given g join last on last.id = g.task
     where last.version is distinct from g.version or g.line > last.line
    returning task_id, version, position)
  select task_id, version, min(position) as first from stored group by task_id, version`;

const TRIM = `delete from lovage.task_log where task_id = $1 and position < $2`;

const READ = `
  select p.n, l.position, ${epochAs("l.at", "at")}, l.level, l.attempt, l.message, l.fields
    from json_to_recordset($1::json) as p(n int, task uuid, after int, level smallint, most int)
         cross join lateral (
           select * from lovage.task_log l
            where l.task_id = p.task and l.position > p.after and l.level >= p.level
            order by l.position limit p.most) l
   order by p.n, l.position`;

const FIRST_KEPT = `select min(position) as first from lovage.task_log where task_id = $1`;

const OWNERS = `
  select t.id, t.state in (${sqlStates(FINAL_STATES)}) as final, coalesce(t.finished_at < now() - interval '500 milliseconds', false) as old
    from lovage.task t where t.id = any($1::uuid[])`;

const DUPLICATE_KEY = "23505";
const MAX_MEETINGS = 10;

interface LineRow {
  readonly n: number;
  readonly position: number;
  readonly at: number;
  readonly level: number;
  readonly attempt: number;
  readonly message: string;
  readonly fields: JsonObject | null;
}

/** Logs in PostgreSQL: one statement for the lines of many tasks. */
export class PgTaskLogStore implements TaskLogStore {
  constructor(private readonly sql: Sql) {}

  async append(lines: readonly NewLogLine[]): Promise<StoredLines[]> {
    type Row = { task_id: string; version: number; first: number };
    const taskIds = [...new Set(lines.map((line) => line.taskId))];
    const parameters = [JSON.stringify(lines.map(toParameter)), taskIds];
    const rows = await meeting(() => this.sql.run<Row>(APPEND, parameters));
    return rows.map(({ task_id: taskId, version, first }) => ({ taskId, version, first }));
  }

  async trim(taskId: string, before: number): Promise<void> {
    await this.sql.run(TRIM, [taskId, before]);
  }

  async read(positions: readonly LogPosition[]): Promise<LogLine[][]> {
    const parameter = positions.map(({ taskId, after, level, limit }, n) => ({
      ...{ n, task: taskId, after, most: limit },
      level: level === undefined ? 0 : logLevelRank(level),
    }));
    const rows = await this.sql.run<LineRow>(READ, [JSON.stringify(parameter)]);
    const pages: LogLine[][] = positions.map(() => []);
    for (const row of rows) pages[row.n]!.push(toLine(row));
    return pages;
  }

  async firstKept(taskId: string): Promise<number | null> {
    const [row] = await this.sql.run<{ first: number | null }>(FIRST_KEPT, [taskId]);
    return row?.first ?? null;
  }

  async owners(taskIds: readonly string[]): Promise<LogOwner[]> {
    const rows = await this.sql.run<{ id: string; final: boolean; old: boolean }>(OWNERS, [taskIds]);
    return rows.map(({ id, final, old }) => ({ taskId: id, final, settled: final && old }));
  }
}

/** Sends a statement again that met another writer's. */
async function meeting<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let meetings = 1; ; meetings += 1) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY || meetings >= MAX_MEETINGS) throw error;
    }
  }
}

function toParameter({ taskId, at, level, ...rest }: NewLogLine, n: number): object {
  return { ...rest, n, task: taskId, at: at.getTime(), level: logLevelRank(level) };
}

function toLine({ position, at, level, attempt, message, fields }: LineRow): LogLine {
  return { cursor: String(position), at: new Date(at), level: logLevelOf(level), message, attempt, fields };
}
