import type { Json } from "../../lib/json/json.ts";
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
import { type Priority, priorityOf } from "../../task/definition/priority.ts";
import type { TaskState } from "../../task/records/state.ts";

/**
 * A timestamp as drivers return it: PGlite a Date, `pg` PostgreSQL's string, and both a number for
 * `epoch`.
 */
export type RawTime = Date | string | number;

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
 * A time as whole milliseconds: on the path of every task, since drivers read a number much faster
 * than a time. By `date_part`, which counts in floating point: `extract` counts in decimals, and
 * seven of those made a fifth of the work of a claim and its finish. Rounded to the microseconds
 * that the column has, since floating-point seconds may be short of a millisecond by a hair.
 */
export function epoch(time: string): string {
  return `floor(round(date_part('epoch', ${time}) * 1e6) / 1e3)`;
}

export function fromEpoch(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}

/** Converts a bigint of a driver, a string or a number. Counts of rows are far below 2^53. */
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
 * The JSON columns are read with care: someone may have edited a row by hand, and one row must not
 * make every list that it is in unreadable. A value in another format counts as absent.
 */
function toProgress(raw: RawProgress | null): TaskProgress | null {
  if (raw === null || typeof raw.current !== "number") return null;
  const updatedAt = new Date(raw.updatedAt);
  return Number.isNaN(updatedAt.getTime()) ? null : { ...raw, updatedAt };
}

function toError(raw: TaskError | null | undefined): TaskError | null {
  if (typeof raw?.type !== "string" || typeof raw.message !== "string") return null;
  const { causes, detail, ...error } = raw;
  return {
    ...error,
    ...(causes === undefined ? {} : { causes: toCauses(causes) }),
    ...(typeof detail?.name === "string" ? { detail } : {}),
  };
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

/** An attempt as stored in JSON: its timestamps are strings. */
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

const NO_TAGS: readonly string[] = [];

/** The column of each field of a TaskSummary. Gives the list of columns and the type of a row. */
const SUMMARY = {
  id: "id",
  name: "name",
  queue: "queue",
  priority: "priority",
  state: "state",
  attempt: "attempt",
  maxAttempts: "max_attempts",
  crashCount: "crash_count",
  workerId: "worker_id",
  workerName: "worker_name",
  tags: "tags",
  progress: "progress",
  createdAt: "created_at",
  queuedAt: "queued_at",
  startedAt: "started_at",
  finishedAt: "finished_at",
  runAt: "run_at",
  scheduleId: "schedule_id",
  version: "version",
  limitKey: "limit_key",
} as const satisfies Record<keyof TaskSummary, string>;

/** A field as the driver returns it. */
type Raw<Value> = Value extends Date
  ? RawTime
  : Value extends Priority
    ? number
    : Value extends TaskProgress
      ? RawProgress
      : Value extends readonly string[]
        ? Value | null
        : Value;

type Row<Record, Columns extends { readonly [Key in keyof Record]-?: string }> = {
  readonly [Key in keyof Record as Columns[Key]]: Raw<Record[Key]>;
};

function columnsOf(columns: Readonly<Record<string, string>>): string {
  return Object.values(columns)
    .map((column) => `t.${column}`)
    .join(", ");
}

/** The columns of a TaskSummary, as `t.…`. */
export const SUMMARY_COLUMNS = columnsOf(SUMMARY);

/** A row without limits may leave its key out. */
export type SummaryRow = Omit<Row<TaskSummary, typeof SUMMARY>, "limit_key"> & {
  readonly limit_key?: string | null;
};

/**
 * The only place that makes a TaskSummary of columns. Written out: a loop over the table takes 1.3
 * µs more for each row, and all summaries have one hidden class.
 */
export function toSummary(row: SummaryRow): TaskSummary {
  const summary: TaskSummary = {
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
    tags: row.tags ?? NO_TAGS,
    progress: toProgress(row.progress),
    createdAt: toDate(row.created_at),
    queuedAt: toDateOrNull(row.queued_at),
    startedAt: toDateOrNull(row.started_at),
    finishedAt: toDateOrNull(row.finished_at),
    runAt: toDateOrNull(row.run_at),
    scheduleId: row.schedule_id,
    version: row.version,
  };
  return typeof row.limit_key === "string" ? { ...summary, limitKey: row.limit_key } : summary;
}

type Outline = TaskOutline & { readonly keepUntil: Date | null };

/** The column of each field of a TaskOutline. */
const OUTLINE = {
  ...SUMMARY,
  expiresAt: "expires_at",
  cancelRequestedAt: "cancel_requested_at",
  revocation: "revocation",
  timeLimitMs: "time_limit_ms",
  options: "options",
  idempotencyKey: "idempotency_key",
  uniqueKey: "unique_key",
  meta: "meta",
  parentId: "parent_id",
  retryOf: "retry_of",
  createdBy: "created_by",
  scheduleName: "schedule_name",
  slot: "slot",
  keepUntil: "keep_until",
} as const satisfies Record<keyof Outline, string>;

/** The columns of a TaskOutline, as `t.…`. */
export const OUTLINE_COLUMNS = columnsOf(OUTLINE);

export type OutlineRow = SummaryRow & Omit<Row<Outline, typeof OUTLINE>, keyof SummaryRow>;

export function toOutline(row: OutlineRow): Outline {
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

/** The large columns as strings: readers know their size before they parse them. */
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

/**
 * Returns the retention of a task `t` in a final state, as SQL: its own option, else `standard`.
 */
export function keepMs(state: string, standard: string): string {
  const own = `t.options->'keep'->${state}`;
  return `coalesce(case jsonb_typeof(${own}) when 'number' then (${own})::text::numeric::bigint end, ${standard})`;
}
