import type { Json } from "../../lib/json/json.ts";
import { FINAL_STATES, type TaskState } from "../../task/records/state.ts";
import { epoch, epochOf, fromEpoch, keepMs, sqlStates } from "./rows.ts";
import { jsonStatements } from "./json-statements.ts";
import type { Sql } from "../connection/sql.ts";
import type { Finished, Outcome, SentOutcome } from "./task-store.ts";

const FINAL = `(${sqlStates(FINAL_STATES)})`;

/**
 * Columns that a finish changes: four, since nearly all tasks end as SUCCESS. The last one has the
 * columns of all others.
 */
const CHANGED = `t.id, t.version, ${epochOf("finished_at")}, case when t.state <> 'SUCCESS' then json_build_object('state', t.state,
  'attempt', t.attempt, 'queuedAt', ${epoch("t.queued_at")}, 'runAt', ${epoch("t.run_at")}) end as not_success`;

/**
 * One statement for many outcomes. `next.state` is the new state of the row: a task with a
 * requested cancel is neither retried nor requeued. A new input is sent in an array, since a bare
 * JSON null would count as absent; after it the new limit key, if that changes. The first input is
 * kept for `pg-insert`, which compares with it. Version and worker are the fence: a row that was
 * rescued since has another version, and is not changed.
 */
const FINISH = `
  update lovage.task t
     set state = next.state,
         version = t.version + 1,
         attempt = t.attempt - (next.state = 'QUEUED' or (next.state = 'RETRY' and f.snoozed is true))::int,
         input = case when next.state = 'RETRY' and f."newInput" is not null then nullif(f."newInput" -> 0, 'null') else t.input end,
         limit_key = case when next.state = 'RETRY' and f."newInput" is not null then coalesce(f."newInput" ->> 1, t.limit_key) else t.limit_key end,
         options = case when next.state = 'RETRY' and f."newInput" is not null
           then (jsonb_build_object('enqueuedInput', t.input) || coalesce(t.options, '{}'))
                - 'hidden' || case when f."newHidden" is null then '{}' else jsonb_build_object('hidden', f."newHidden") end
           when f."inRow" then t.options - 'resultBackend' else t.options end,
         output = f.output,
         error = f.error,
         progress = coalesce(f.progress, t.progress),
         attempts = case when next.state <> 'RETRY' or f.snoozed is true then t.attempts else coalesce(t.attempts, '[]') || jsonb_build_object(
           'number', t.attempt, 'workerName', t.worker_name, 'startedAt', t.started_at, 'finishedAt', now(), 'state', 'RETRY',
           'error', f.error) end,
         run_at = case when next.state = 'RETRY' then now() + f."delayMs" * interval '1 millisecond' else t.run_at end,
         queued_at = case when next.state = 'QUEUED' then now() else t.queued_at end,
         finished_at = case when next.state in ${FINAL} then now() end,
         keep_until = case when next.state in ${FINAL} then now() + ${keepMs("next.state", 'f."keepMs"')} * interval '1 millisecond' end
    from json_to_recordset($1::json) as f(id uuid, worker uuid, version int, state text, output jsonb, error jsonb, progress jsonb,
                                          "delayMs" bigint, "keepMs" bigint, snoozed boolean, "newInput" jsonb, "newHidden" jsonb,
                                          "inRow" boolean)
   where t.id = f.id and t.version = f.version and t.worker_id = f.worker and t.state || '' = 'STARTED'
  returning ${CHANGED}`.replaceAll(
  "next.state",
  `(case when f.state in ('RETRY','QUEUED') and t.cancel_requested_at is not null then 'REVOKED' else f.state end)`,
);

/**
 * Rows as of the claim of this worker's attempts, and one version later. Only a finish makes the
 * second kind: a rescue counts a crash, and all other statements change only rows that are not
 * STARTED. A rescue from an OFFLINE worker counts none: then the row is QUEUED or REVOKED, and the
 * answer is still true. The lock, on the first kind too, waits for a transaction whose commit may
 * be under way.
 */
const FIND_FINISHED = `
  select ${CHANGED}
    from json_to_recordset($1::json) as f(id uuid, worker uuid, version int, "crashCount" int)
         join lovage.task t on t.id = f.id
   where t.version in (f.version, f.version + 1) and t.worker_id = f.worker and t.crash_count = f."crashCount"
     for share of t`;

const STATE_OF = {
  succeeded: "SUCCESS",
  failed: "FAILURE",
  retry: "RETRY",
  snoozed: "RETRY",
  revoked: "REVOKED",
  givenBack: "QUEUED",
} as const satisfies Record<Outcome["kind"], TaskState>;

interface FinishRow {
  readonly id: string;
  readonly version: number;
  readonly finished_at: number | null;
  /** Null for a SUCCESS. */
  readonly not_success: {
    readonly state: TaskState;
    readonly attempt: number;
    readonly queuedAt: number | null;
    readonly runAt: number | null;
  } | null;
}

/**
 * Outcomes that become REVOKED if a cancel was requested: such a task is neither retried nor
 * requeued.
 */
const OR_REVOKED: ReadonlySet<Outcome["kind"]> = new Set(["retry", "snoozed", "givenBack"]);

/**
 * Runs one statement for each few MiB of outcomes: an earlier one may be committed when a later one
 * fails.
 */
export async function finishTasks(sql: Sql, outcomes: readonly Outcome[]): Promise<Finished[]> {
  const finished: Finished[] = [];
  for (const { rows, parameter } of jsonStatements(outcomes, toParameter))
    for (const one of await finishTogether(sql, rows, parameter)) finished.push(one);
  return finished;
}

async function finishTogether(
  sql: Sql,
  outcomes: readonly Outcome[],
  parameter: string,
): Promise<Finished[]> {
  const rows = await sql.run<FinishRow>(FINISH, [parameter]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  // One batch may hold two attempts of a task that was lost and came back to the same worker.
  return outcomes.map((outcome) => toFinished(byId.get(outcome.taskId), outcome.version));
}

export async function findFinished(sql: Sql, sent: readonly SentOutcome[]): Promise<Finished[]> {
  const parameter = sent.map(({ outcome: { taskId, workerId, version }, crashCount }) => ({
    id: taskId,
    worker: workerId,
    version,
    crashCount,
  }));
  const rows = await sql.run<FinishRow>(FIND_FINISHED, [JSON.stringify(parameter)]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return sent.map(({ outcome }) => {
    const row = byId.get(outcome.taskId);
    return row && mayBecome(outcome, row.not_success?.state ?? "SUCCESS")
      ? toFinished(row, outcome.version)
      : null;
  });
}

function mayBecome({ kind }: Outcome, state: TaskState): boolean {
  return state === STATE_OF[kind] || (state === "REVOKED" && OR_REVOKED.has(kind));
}

function toFinished(row: FinishRow | undefined, version: number): Finished {
  if (row?.version !== version + 1) return null;
  const finishedAt = fromEpoch(row.finished_at);
  if (!row.not_success) return { state: "SUCCESS", version: row.version, finishedAt };
  const { state, attempt } = row.not_success;
  // A task that has ended keeps its other columns.
  if (finishedAt) return { state, version: row.version, finishedAt };
  const [queuedAt, runAt] = [fromEpoch(row.not_success.queuedAt), fromEpoch(row.not_success.runAt)];
  return { state, version: row.version, finishedAt, attempt, queuedAt, runAt };
}

function toParameter(outcome: Outcome): object {
  const { taskId: id, workerId: worker, version, kind, keepMs } = outcome;
  const state = STATE_OF[kind];
  const progress = outcome.progress ?? undefined;
  // Nearly all of them.
  if (kind === "succeeded")
    return { id, worker, version, state, keepMs, progress, output: outcome.output, inRow: outcome.inRow };
  const newInput = newInputOf(outcome);
  return {
    ...{ id, worker, version, state, keepMs, progress, newInput },
    error: kind === "failed" || kind === "retry" ? outcome.error : undefined,
    delayMs: "delayMs" in outcome ? outcome.delayMs : undefined,
    snoozed: kind === "snoozed" || undefined,
    newHidden: (kind === "retry" && newInput && outcome.newHidden) || undefined,
  };
}

function newInputOf(outcome: Outcome): readonly Json[] | undefined {
  if (outcome.kind !== "retry" || !outcome.newInput) return undefined;
  return outcome.newLimitKey === undefined ? outcome.newInput : [...outcome.newInput, outcome.newLimitKey];
}
