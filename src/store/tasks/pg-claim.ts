import type { Json } from "../../lib/json/json.ts";
import type { StoredOptions } from "../../task/call/stored-options.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import type { Sql } from "../connection/sql.ts";
import { epoch, epochOf, fromEpoch, type OutlineRow, type SummaryRow, toSummary } from "./rows.ts";
import type { ClaimedTask, ClaimRequest } from "./task-store.ts";

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
 * A task of a worker's own queue is for workers of that name only, whatever worker holds a hint of it: see
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

/** Moves QUEUED tasks to STARTED. Returns those that this worker may run now. */
export async function claimTasks(sql: Sql, request: ClaimRequest): Promise<ClaimedTask[]> {
  const rows = await sql.run<ClaimRow>(CLAIM, [
    // Ids need no quotes. The driver would add them to each.
    `{${request.taskIds.join(",")}}`,
    request.workerId,
    request.workerName,
    request.names,
    request.crashesBelow ?? null,
  ]);
  return rows.map((row) => toClaimed(row, request));
}

/** Returns a claimed row as a task. */
export function toClaimed(
  row: ClaimRow,
  { workerId, workerName }: Pick<ClaimRequest, "workerId" | "workerName">,
): ClaimedTask {
  const { options, limitKey, scheduleId, scheduleName, slot } = row.rare ?? NOTHING_RARE;
  // Written out: a copy of the row by spread takes twice as long as all else here.
  const summary = toSummary({
    id: row.id,
    name: row.name,
    queue: row.queue,
    priority: row.priority,
    state: "STARTED",
    attempt: row.attempt,
    max_attempts: row.max_attempts,
    crash_count: row.crash_count,
    worker_id: workerId,
    worker_name: workerName,
    tags: row.tags,
    progress: null,
    created_at: row.created_at,
    queued_at: row.queued_at ?? row.created_at,
    started_at: row.started_at,
    finished_at: null,
    run_at: row.run_at,
    schedule_id: scheduleId,
    version: row.version,
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
