import { sourcesOf } from "../task/state.ts";
import type { TaskSummary } from "../task/task.ts";
import { type SummaryRow, sqlStates, SUMMARY_COLUMNS, toSummary } from "./rows.ts";
import type { Sql } from "./sql.ts";
import type { Revoked, TaskControlStore } from "./task-control.ts";

/** Waiting rows end here; running ones are only asked: their worker ends them, or the sweeper if it is gone. */
const REVOKE = `
  update lovage.task t
     set state = 'REVOKED', version = t.version + 1, finished_at = now(),
         keep_until = now() + $2::bigint * interval '1 millisecond'
   where t.id = any($1::uuid[]) and t.state || '' in (${sqlStates(sourcesOf("REVOKED").filter((state) => state !== "STARTED"))})
  returning ${SUMMARY_COLUMNS}`;

const REQUEST_CANCEL = `
  update lovage.task t set cancel_requested_at = coalesce(t.cancel_requested_at, now())
   where t.id = any($1::uuid[]) and t.state || '' = 'STARTED'
  returning t.id`;

const RUN_NOW = `
  update lovage.task t set state = 'QUEUED', version = t.version + 1, queued_at = now()
   where t.id = any($1::uuid[]) and t.state || '' in ('SCHEDULED','RETRY')
  returning ${SUMMARY_COLUMNS}`;

const PURGE = `
  with waiting as (
    select id from lovage.task where state = 'QUEUED' and queue = $1 order by queued_at limit $2 for update skip locked)
  update lovage.task t
     set state = 'REVOKED', version = t.version + 1, finished_at = now(),
         keep_until = now() + $3::bigint * interval '1 millisecond'
    from waiting where t.id = waiting.id
  returning ${SUMMARY_COLUMNS}`;

export class PgTaskControlStore implements TaskControlStore {
  constructor(private readonly sql: Sql) {}

  async revoke(taskIds: readonly string[], terminate: boolean, keepMs: number): Promise<Revoked> {
    // Running ones first: a task that is given back between the two statements is then waiting, and the second one ends it.
    const asked = terminate ? await this.sql.run<{ id: string }>(REQUEST_CANCEL, [taskIds]) : [];
    const revoked = (await this.sql.run<SummaryRow>(REVOKE, [taskIds, keepMs])).map(toSummary);
    const ended = new Set(revoked.map((task) => task.id));
    return { revoked, cancelRequested: asked.map((row) => row.id).filter((id) => !ended.has(id)) };
  }

  async runNow(taskIds: readonly string[]): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(RUN_NOW, [taskIds])).map(toSummary);
  }

  async purgeQueue(queue: string, limit: number, keepMs: number): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(PURGE, [queue, limit, keepMs])).map(toSummary);
  }
}
