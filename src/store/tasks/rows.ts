import type { Json, JsonObject } from "../../lib/json.ts";
import type { StoredOptions } from "../../task/call/stored-options.ts";
import type {
  Revocation,
  TaskAttempt,
  TaskError,
  TaskErrorCause,
  TaskOutline,
  TaskProgress,
  TaskRecord,
  TaskSummary,
  TaskValueName,
  TaskValues,
} from "../../task/records/task.ts";
import { priorityOf } from "../../task/definition/priority.ts";
import type { TaskState } from "../../task/records/state.ts";

/** A time as the two drivers give it: PGlite makes Dates, `pg` leaves PostgreSQL's text. */
export type RawTime = Date | string;

export function toDate(time: RawTime): Date {
  return time instanceof Date ? time : new Date(time);
}

function toDateOrNull(time: RawTime | null): Date | null {
  return time === null ? null : toDate(time);
}

/** A column `t.…` as whole milliseconds. */
export function epochOf(column: string): string {
  return epochAs(`t.${column}`, column);
}

export function epochAs(time: string, name: string): string {
  return `${epoch(time)} as ${name}`;
}

/**
 * A time as whole milliseconds: on the path of every task, since drivers read a number much faster than a time. By `date_part`, which
 * counts in floating point: `extract` counts in decimals, and seven of those made a fifth of the work of a claim and its finish.
 * Rounded to the microseconds that the column has, since floating-point seconds may be short of a millisecond by a hair.
 */
export function epoch(time: string): string {
  return `floor(round(date_part('epoch', ${time}) * 1e6) / 1e3)`;
}

export function fromEpoch(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}

/** A bigint as the drivers give it: text or number. Counts of rows are far below 2^53. */
export function toNumber(value: string | number | bigint): number {
  return Number(value);
}

interface RawProgress {
  readonly current: number;
  readonly total: number | null;
  readonly message: string | null;
  readonly updatedAt: string;
}

/**
 * The JSON columns are read with care: someone may have edited a row by hand, and one row must not make every list that it is in
 * unreadable. What is not as we write it counts as absent.
 */
function toProgress(raw: RawProgress | null): TaskProgress | null {
  if (raw === null || typeof raw.current !== "number") return null;
  const updatedAt = new Date(raw.updatedAt);
  return Number.isNaN(updatedAt.getTime()) ? null : { ...raw, updatedAt };
}

function toError(raw: TaskError | null | undefined): TaskError | null {
  if (typeof raw?.type !== "string" || typeof raw.message !== "string") return null;
  return raw.causes === undefined ? raw : { ...raw, causes: toCauses(raw.causes) };
}

function toCauses(raw: unknown): TaskErrorCause[] {
  return (Array.isArray(raw) ? (raw as readonly (TaskErrorCause | null)[]) : []).filter(
    (cause): cause is TaskErrorCause => typeof cause?.type === "string" && typeof cause.message === "string",
  );
}

export function toRevocation(raw: Revocation | null | undefined): Revocation | null {
  if (typeof raw !== "object" || raw === null) return null;
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { by: text(raw.by), reason: text(raw.reason) };
}

/** An attempt as JSON holds it: its times are texts. */
export type RawAttempt = Omit<TaskAttempt, "startedAt" | "finishedAt"> & {
  readonly startedAt: string;
  readonly finishedAt: string;
};

function toAttempts(raw: readonly (RawAttempt | null)[] | null | undefined): TaskAttempt[] {
  return (Array.isArray(raw) ? (raw as readonly (RawAttempt | null)[]) : []).flatMap((attempt) => {
    const startedAt = new Date(attempt?.startedAt ?? Number.NaN);
    if (typeof attempt?.number !== "number" || Number.isNaN(startedAt.getTime())) return [];
    return [
      { ...attempt, startedAt, finishedAt: new Date(attempt.finishedAt), error: toError(attempt.error) },
    ];
  });
}

/** The columns of a TaskSummary, as `t.…`. */
export const SUMMARY_COLUMNS = `t.id, t.name, t.queue, t.priority, t.state, t.attempt, t.max_attempts, t.crash_count, t.worker_id,
  t.worker_name, t.tags, t.progress, t.created_at, t.queued_at, t.started_at, t.finished_at, t.run_at, t.schedule_id, t.version, t.limit_key`;

export interface SummaryRow {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly crash_count: number;
  readonly worker_id: string | null;
  readonly worker_name: string | null;
  readonly tags: readonly string[] | null;
  readonly progress: RawProgress | null;
  readonly created_at: RawTime;
  readonly queued_at: RawTime | null;
  readonly started_at: RawTime | null;
  readonly finished_at: RawTime | null;
  readonly run_at: RawTime | null;
  readonly schedule_id: string | null;
  readonly version: number;
  readonly limit_key?: string | null;
}

export function toSummary(row: SummaryRow): TaskSummary {
  return {
    id: row.id,
    name: row.name,
    queue: row.queue,
    priority: priorityOf(row.priority),
    state: row.state,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    crashCount: row.crash_count,
    workerId: row.worker_id,
    workerName: row.worker_name,
    tags: row.tags ?? [],
    progress: toProgress(row.progress),
    createdAt: toDate(row.created_at),
    queuedAt: toDateOrNull(row.queued_at),
    startedAt: toDateOrNull(row.started_at),
    finishedAt: toDateOrNull(row.finished_at),
    runAt: toDateOrNull(row.run_at),
    scheduleId: row.schedule_id,
    version: row.version,
    ...(typeof row.limit_key === "string" ? { limitKey: row.limit_key } : {}),
  };
}

/** The columns of a TaskOutline, as `t.…`. */
export const OUTLINE_COLUMNS = `${SUMMARY_COLUMNS}, t.expires_at, t.cancel_requested_at, t.revocation, t.time_limit_ms, t.options,
  t.idempotency_key, t.unique_key, t.meta, t.parent_id, t.retry_of, t.created_by, t.schedule_name, t.slot, t.keep_until`;

export interface OutlineRow extends SummaryRow {
  readonly expires_at: RawTime | null;
  readonly cancel_requested_at: RawTime | null;
  readonly revocation: Revocation | null;
  readonly time_limit_ms: number | null;
  readonly options: StoredOptions | null;
  readonly idempotency_key: string | null;
  readonly unique_key: string | null;
  readonly meta: JsonObject | null;
  readonly parent_id: string | null;
  readonly retry_of: string | null;
  readonly created_by: string | null;
  readonly schedule_name: string | null;
  readonly slot: RawTime | null;
  readonly keep_until: RawTime | null;
}

export function toOutline(row: OutlineRow): TaskOutline & { readonly keepUntil: Date | null } {
  return {
    ...toSummary(row),
    expiresAt: toDateOrNull(row.expires_at),
    cancelRequestedAt: toDateOrNull(row.cancel_requested_at),
    revocation: toRevocation(row.revocation),
    timeLimitMs: row.time_limit_ms,
    options: row.options,
    idempotencyKey: row.idempotency_key,
    uniqueKey: row.unique_key,
    meta: row.meta,
    parentId: row.parent_id,
    retryOf: row.retry_of,
    createdBy: row.created_by,
    scheduleName: row.schedule_name,
    slot: toDateOrNull(row.slot),
    keepUntil: toDateOrNull(row.keep_until),
  };
}

/** The large columns as text: whoever reads them knows their size before it makes values of them. */
export type ValueTexts = Partial<Readonly<Record<TaskValueName, string | null>>>;

export function valueColumns(names: readonly TaskValueName[]): string {
  return names.map((name) => `t.${name}::text as ${name}`).join(", ");
}

const READ_VALUE = {
  input: (value) => value as Json,
  output: (value) => value as Json,
  error: (value) => toError(value as TaskError | null),
  attempts: (value) => toAttempts(value as readonly RawAttempt[] | null),
} as const satisfies { readonly [Name in TaskValueName]: (value: unknown) => TaskRecord[Name] };

export function toValues(
  texts: ValueTexts,
  names: readonly TaskValueName[],
): Omit<TaskValues, "id" | "version" | "state" | "options"> {
  return Object.fromEntries(names.map((name) => [name, READ_VALUE[name](JSON.parse(texts[name] ?? "null"))]));
}

/** The states as an SQL list: `'A','B'`. */
export function sqlStates(states: readonly TaskState[]): string {
  return states.map((state) => `'${state}'`).join(",");
}

/** How long a task `t` is kept once it is in a final state, as SQL: what it was told itself, else `standard`. */
export function keepMs(state: string, standard: string): string {
  const own = `t.options->'keep'->${state}`;
  return `coalesce(case jsonb_typeof(${own}) when 'number' then (${own})::text::numeric::bigint end, ${standard})`;
}
