import { priorityOf } from "../../task/definition/priority.ts";
import type { Revocation } from "../../task/records/task.ts";
import { insertTasks } from "./pg-insert.ts";
import { claimTasks } from "./pg-claim.ts";
import { SUMMARY_COLUMNS, type SummaryRow, toRevocation, toSummary } from "./rows.ts";
import { findFinished, finishTasks } from "./pg-finish.ts";
import type { Sql } from "../connection/sql.ts";
import type {
  CancelRequest,
  ClaimedTask,
  ClaimRequest,
  Finished,
  Inserted,
  InsertMode,
  NewTask,
  Outcome,
  ProgressReport,
  QueuedHint,
  SentOutcome,
  StartedTask,
  TaskStore,
} from "./task-store.ts";

const STILL_QUEUED = `
  select t.id, t.name, t.queue, t.priority, coalesce(q.paused, false) as paused, t.crash_count as "crashCount",
         t.limit_key as "limitKey", coalesce(q.concurrency_limit is not null or q.rate_limit is not null, false) as "queueLimited"
    from lovage.task t left join lovage.queue q on q.name = t.queue
   where t.id = any($1::uuid[]) and t.state || '' = 'QUEUED'`;

const SAVE_PROGRESS = `
  with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
  update lovage.task t set progress = p.progress
    from relaxed, json_to_recordset($1::json) as p(id uuid, worker uuid, version int, progress jsonb)
   where t.id = p.id and t.worker_id = p.worker and t.version = p.version and t.state || '' = 'STARTED'
  returning t.id`;

const STARTED_BY = `
  select ${SUMMARY_COLUMNS}, t.cancel_requested_at is not null as cancel_requested, t.revocation
    from lovage.task t where t.worker_id = $1 and t.state = 'STARTED'`;

const CANCEL_REQUESTS = `
  select t.id as "taskId", t.revocation from lovage.task t
   where t.id = any($1::uuid[]) and t.cancel_requested_at is not null`;

/**
 * The path of a task in PostgreSQL: plain SQL, one statement for many tasks, the rows as one JSON
 * parameter.
 */
export class PgTaskStore implements TaskStore {
  constructor(
    private readonly sql: Sql,
    /** Throws when the database has no room for more tasks. */
    private readonly checkRoom: () => void = () => undefined,
  ) {}

  async insert(rows: readonly NewTask[], mode: InsertMode): Promise<Inserted[]> {
    this.checkRoom();
    return insertTasks(this.sql, rows, mode);
  }

  claim(request: ClaimRequest): Promise<ClaimedTask[]> {
    return claimTasks(this.sql, request);
  }

  async stillQueued(taskIds: readonly string[]): Promise<QueuedHint[]> {
    type Row = Omit<QueuedHint, "taskId" | "priority"> & { readonly id: string; readonly priority: number };
    const rows = await this.sql.run<Row>(STILL_QUEUED, [taskIds]);
    return rows.map(({ id, priority, ...rest }) => ({ ...rest, taskId: id, priority: priorityOf(priority) }));
  }

  finish(outcomes: readonly Outcome[]): Promise<Finished[]> {
    return finishTasks(this.sql, outcomes);
  }

  findFinished(sent: readonly SentOutcome[]): Promise<Finished[]> {
    return findFinished(this.sql, sent);
  }

  async saveProgress(reports: readonly ProgressReport[]): Promise<string[]> {
    const parameter = reports.map(({ taskId, workerId, version, progress }) => ({
      id: taskId,
      worker: workerId,
      version,
      progress,
    }));
    const rows = await this.sql.run<{ id: string }>(SAVE_PROGRESS, [JSON.stringify(parameter)]);
    return rows.map((row) => row.id);
  }

  async cancelRequests(taskIds: readonly string[]): Promise<CancelRequest[]> {
    type Row = { readonly taskId: string; readonly revocation: Revocation | null };
    const rows = await this.sql.run<Row>(CANCEL_REQUESTS, [taskIds]);
    return rows.map(({ taskId, revocation }) => ({ taskId, revocation: toRevocation(revocation) }));
  }

  async startedBy(workerId: string): Promise<StartedTask[]> {
    type Row = SummaryRow & { cancel_requested: boolean; revocation: Revocation | null };
    const rows = await this.sql.run<Row>(STARTED_BY, [workerId]);
    return rows.map((row) => {
      const summary = toSummary(row);
      return {
        summary: { ...summary, workerId, startedAt: summary.startedAt ?? summary.createdAt },
        cancelRequested: row.cancel_requested,
        revocation: toRevocation(row.revocation),
      };
    });
  }
}
