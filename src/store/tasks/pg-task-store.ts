import type { Json } from "../../lib/json/json.ts";
import { priorityOf } from "../../task/definition/priority.ts";
import type { StoredOptions } from "../../task/call/stored-options.ts";
import type { Revocation } from "../../task/records/task.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import { insertTasks } from "./pg-insert.ts";
import {
  epoch,
  epochOf,
  fromEpoch,
  type OutlineRow,
  SUMMARY_COLUMNS,
  type SummaryRow,
  toRevocation,
  toSummary,
} from "./rows.ts";
import { findFinished, finishTasks } from "./pg-finish.ts";
import type { Sql } from "../connection/sql.ts";
import type {
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

/**
 * Columns that a claim returns: 17, with rare values in one of them. The driver copies a prepared
 * object for each row. V8 does that twenty times slower once the object has more than 19
 * properties.
 */
export const CLAIMED_COLUMNS = `t.id, t.name, t.queue, t.priority, t.attempt, t.max_attempts, t.crash_count, t.tags, t.version, t.input,
            t.time_limit_ms, t.idempotency_key, ${["created_at", "started_at", "run_at"].map(epochOf).join(", ")},
            case when t.queued_at <> t.created_at then ${epoch("t.queued_at")} end as queued_at,
            case when num_nonnulls(t.options, t.schedule_id, t.limit_key) > 0 then json_build_object('options', t.options, 'limitKey', t.limit_key,
              'scheduleId', t.schedule_id, 'scheduleName', t.schedule_name, 'slot', ${epoch("t.slot")}) end as rare`;

/**
 * The claim's commit may be asynchronous: what a crash of PostgreSQL loses of it is run again,
 * never lost. `set_config` in a statement that is a transaction by itself applies to just that
 * commit, without another round trip.
 *
 * A task of a worker's own queue is for workers of that name, whoever holds a hint of it: see
 * `workerQueue`.
 *
 * The guard on the state is written so that it does not match the predicate of the partial index on
 * QUEUED rows: PostgreSQL would sometimes walk that index, with all its dead entries, instead of
 * the primary key.
 *
 * What is limited, by itself or by its queue, is left to `claimPartition`, however its hint came
 * here.
 */
const CLAIM = `
  with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
  update lovage.task t
     set state = 'STARTED', attempt = t.attempt + 1, version = t.version + 1, worker_id = $2, worker_name = $3,
         started_at = now(), progress = null
    from relaxed
   where t.id = any($1::uuid[])
     and t.state || '' = 'QUEUED'
     and t.name = any($4::text[])
     and (left(t.queue, 1) <> '@' or t.queue = '@' || $3)
     and ($5::int is null or t.crash_count < $5)
     and (t.expires_at is null or t.expires_at > now())
     and t.limit_key is null
     and not (t.queue = any(array(
           select q.name from lovage.queue q where q.paused or q.concurrency_limit is not null or q.rate_limit is not null)))
     and exists (select 1 from lovage.worker w where w.id = $2 and w.status in ('${LIVE_STATUSES.join("','")}'))
  returning ${CLAIMED_COLUMNS}`;

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

/** Values that few tasks have. */
interface RareFields {
  readonly options: StoredOptions | null;
  readonly limitKey: string | null;
  readonly scheduleId: string | null;
  readonly scheduleName: string | null;
  readonly slot: number | null;
}

const NOTHING_RARE: RareFields = {
  options: null,
  limitKey: null,
  scheduleId: null,
  scheduleName: null,
  slot: null,
};

/** The columns that a claim returns; it knows the others itself. */
export type ClaimRow = Pick<
  SummaryRow,
  "id" | "name" | "queue" | "priority" | "attempt" | "max_attempts" | "crash_count" | "tags" | "version"
> &
  Pick<OutlineRow, "time_limit_ms" | "idempotency_key"> & {
    readonly input: Json;
    readonly rare: RareFields | null;
    readonly created_at: number;
    /** Null if the task was QUEUED when it was created. */
    readonly queued_at: number | null;
    readonly started_at: number;
    readonly run_at: number | null;
  };

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

  async claim(request: ClaimRequest): Promise<ClaimedTask[]> {
    const rows = await this.sql.run<ClaimRow>(CLAIM, [
      request.taskIds,
      request.workerId,
      request.workerName,
      request.names,
      request.crashesBelow ?? null,
    ]);
    return rows.map((row) => toClaimed(row, request));
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

export function toClaimed(
  row: ClaimRow,
  { workerId, workerName }: Pick<ClaimRequest, "workerId" | "workerName">,
): ClaimedTask {
  const { options, limitKey, scheduleId, scheduleName, slot } = row.rare ?? NOTHING_RARE;
  const summary = toSummary({
    ...row,
    state: "STARTED",
    worker_id: workerId,
    worker_name: workerName,
    progress: null,
    queued_at: row.queued_at ?? row.created_at,
    finished_at: null,
    schedule_id: scheduleId,
    limit_key: limitKey,
  });
  return {
    input: row.input,
    timeLimitMs: row.time_limit_ms,
    options,
    idempotencyKey: row.idempotency_key,
    schedule:
      scheduleId === null
        ? null
        : { id: scheduleId, name: scheduleName ?? scheduleId, slot: fromEpoch(slot) },
    summary: summary as ClaimedTask["summary"],
  };
}
