import { FINAL_STATES, sourcesOf } from "../../task/records/state.ts";
import type { Revocation, TaskSummary } from "../../task/records/task.ts";
import { keepMs, type SummaryRow, sqlStates, SUMMARY_COLUMNS, toSummary } from "./rows.ts";
import type { Sql } from "../connection/sql.ts";

export interface Revoked {
  /** Tasks that waited and are REVOKED now. */
  readonly revoked: readonly TaskSummary[];
  /** Ids of running tasks whose cancel request is stored. */
  readonly cancelRequested: readonly string[];
}

/**
 * Changes on request of people, by id and in batches. A row in an unsuitable state is not changed.
 */
export interface TaskControlStore {
  /**
   * Waiting -> REVOKED; with `terminate`, STARTED rows get `cancelRequestedAt`. The first cancel of
   * a running task is kept.
   */
  revoke(
    taskIds: readonly string[],
    terminate: boolean,
    keepMs: number,
    revocation?: Revocation | null,
  ): Promise<Revoked>;
  /** Deletes the tasks that are in a final state; returns their ids. */
  deleteFinished(taskIds: readonly string[]): Promise<string[]>;
  /** SCHEDULED and RETRY -> QUEUED. */
  runNow(taskIds: readonly string[]): Promise<TaskSummary[]>;
  /** QUEUED rows of a queue -> REVOKED, at most `limit`. */
  purgeQueue(queue: string, limit: number, keepMs: number): Promise<TaskSummary[]>;
}

/**
 * Waiting rows end here. A running row only gets the request: its worker ends it, or the sweeper if
 * the worker is gone. One statement for both: it waits for a concurrent change of a row and then
 * judges the new state, so no task escapes between the two kinds.
 */
const REVOKE = `
  update lovage.task t
     set state = case when started then t.state else 'REVOKED' end,
         version = t.version + (not started)::int,
         cancel_requested_at = case when started then coalesce(t.cancel_requested_at, now()) else t.cancel_requested_at end,
         revocation = case when t.cancel_requested_at is null then $4::jsonb else t.revocation end,
         finished_at = case when started then null else now() end,
         keep_until = case when started then null else now() + ${keepMs("'REVOKED'", "$2::bigint")} * interval '1 millisecond' end
   where t.id = any($1::uuid[]) and t.state || '' in (${sqlStates(sourcesOf("REVOKED"))}) and ($3 or not started)
  returning ${SUMMARY_COLUMNS}`.replaceAll(/\bstarted\b/g, "(t.state = 'STARTED')");

const RUN_NOW = `
  update lovage.task t set state = 'QUEUED', version = t.version + 1, queued_at = now()
   where t.id = any($1::uuid[]) and t.state || '' in ('SCHEDULED','RETRY')
  returning ${SUMMARY_COLUMNS}`;

const DELETE_FINISHED = `
  delete from lovage.task t where t.id = any($1::uuid[]) and t.state || '' in (${sqlStates(FINAL_STATES)}) returning t.id`;

const PURGE = `
  with waiting as (
    select id from lovage.task where state = 'QUEUED' and queue = $1 order by queued_at limit $2 for update skip locked)
  update lovage.task t
     set state = 'REVOKED', version = t.version + 1, finished_at = now(),
         keep_until = now() + ${keepMs("'REVOKED'", "$3::bigint")} * interval '1 millisecond'
    from waiting where t.id = waiting.id
  returning ${SUMMARY_COLUMNS}`;

export class PgTaskControlStore implements TaskControlStore {
  constructor(private readonly sql: Sql) {}

  async revoke(
    taskIds: readonly string[],
    terminate: boolean,
    keep: number,
    revocation: Revocation | null = null,
  ): Promise<Revoked> {
    const why = revocation && JSON.stringify(revocation);
    const tasks = (await this.sql.run<SummaryRow>(REVOKE, [taskIds, keep, terminate, why])).map(toSummary);
    return {
      revoked: tasks.filter((task) => task.state === "REVOKED"),
      cancelRequested: tasks.filter((task) => task.state === "STARTED").map((task) => task.id),
    };
  }

  async deleteFinished(taskIds: readonly string[]): Promise<string[]> {
    return (await this.sql.run<{ id: string }>(DELETE_FINISHED, [taskIds])).map((row) => row.id);
  }

  async runNow(taskIds: readonly string[]): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(RUN_NOW, [taskIds])).map(toSummary);
  }

  async purgeQueue(queue: string, limit: number, keep: number): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(PURGE, [queue, limit, keep])).map(toSummary);
  }
}
