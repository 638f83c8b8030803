import { CONTROL_ACTIONS, type ControlEntry } from "../../task/records/control.ts";
import { PRIORITIES, type Priority, priorityRank } from "../../task/definition/priority.ts";
import type { TaskEmission } from "../../task/call/emission.ts";
import { TASK_STATES } from "../../task/records/state.ts";
import type { TaskProgress, TaskSummary } from "../../task/records/task.ts";
import {
  TASK_EVENT_TYPES,
  WORKER_EVENT_TYPES,
  type ControlEvent,
  type LovageEvent,
  type TaskEvent,
  type WorkerEvent,
} from "../../task/records/event.ts";
import { WORKER_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";

import { isScheduleRow, readSchedule, scheduleRow, type ScheduleRow } from "./schedule-event.ts";

/**
 * Events as a string: a JSON array of one short array per event. Names instead of indexes for
 * states and types, so that processes of two releases may share a stream; times are epoch
 * milliseconds. A list may grow at its end: readers ignore what they do not know.
 */

type Time = number | null;
type ProgressRow = readonly [
  current: number,
  total: number | null,
  message: string | null,
  updatedAt: number,
];
type EmissionRow = readonly [type: string, payload: TaskEmission["payload"]];
/** Order of the fields of a summary in a list. Fields are only added at its end. */
const SUMMARY = [
  "id",
  "name",
  "queue",
  "priority",
  "state",
  "attempt",
  "maxAttempts",
  "crashCount",
  "workerId",
  "workerName",
  "tags",
  "progress",
  "createdAt",
  "queuedAt",
  "startedAt",
  "finishedAt",
  "runAt",
  "version",
  "scheduleId",
] as const satisfies readonly (keyof TaskSummary)[];
type Encoded<Value> = Value extends Date
  ? number
  : Value extends Priority
    ? number
    : Value extends TaskProgress
      ? ProgressRow
      : Value;
type EncodedFields<Keys extends readonly (keyof TaskSummary)[]> = {
  readonly [Index in keyof Keys]: Encoded<TaskSummary[Keys[Index]]>;
};
type TaskRow = readonly [
  kind: "t",
  type: TaskEvent["type"],
  at: number,
  ...EncodedFields<typeof SUMMARY>,
  emission?: EmissionRow,
];
/** Index of the emission. */
const EMISSION = 3 + SUMMARY.length;
type WorkerFields = Omit<WorkerRecord, "startedAt" | "lastHeartbeatAt">;
type WorkerRow = readonly [
  kind: "w",
  type: WorkerEvent["type"],
  at: number,
  startedAt: number,
  lastHeartbeatAt: number,
  fields: WorkerFields,
];

export function encodeEvents(events: readonly LovageEvent[]): string {
  return JSON.stringify(events.map(toRow));
}

function toRow(event: LovageEvent): TaskRow | WorkerRow | ScheduleRow | ControlRow {
  switch (event.kind) {
    case "task":
      return taskRow(event);
    case "worker":
      return workerRow(event);
    case "schedule":
      return scheduleRow(event);
    case "control":
      return controlRow(event);
  }
}

/**
 * Decodes the result of `encodeEvents`: null in place of an event that cannot be decoded; null if
 * the string cannot.
 */
export function decodeEvents(text: string): (LovageEvent | null)[] | null {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(rows) ? rows.map(readRow) : null;
}

function taskRow({ type, at, task, emitted }: TaskEvent): TaskRow {
  // Written out, here and in `readTask`: a loop over the fields takes ten times as long.
  const row = [
    "t",
    type,
    at.getTime(),
    task.id,
    task.name,
    task.queue,
    priorityRank(task.priority),
    task.state,
    task.attempt,
    task.maxAttempts,
    task.crashCount,
    task.workerId,
    task.workerName,
    task.tags,
    task.progress && progressRow(task.progress),
    task.createdAt.getTime(),
    epoch(task.queuedAt),
    epoch(task.startedAt),
    epoch(task.finishedAt),
    epoch(task.runAt),
    task.version,
    task.scheduleId,
  ] as const satisfies TaskRow;
  return emitted ? [...row, [emitted.type, emitted.payload]] : row;
}

function workerRow({ type, at, worker }: WorkerEvent): WorkerRow {
  const { startedAt, lastHeartbeatAt, ...fields } = worker;
  return ["w", type, at.getTime(), startedAt.getTime(), lastHeartbeatAt.getTime(), fields];
}

function readRow(row: unknown): LovageEvent | null {
  if (isTaskRow(row)) return readTask(row);
  if (isWorkerRow(row)) return readWorker(row);
  if (isScheduleRow(row)) return readSchedule(row);
  if (isControlRow(row)) return readControl(row);
  return null;
}

// Only processes of this app write here: the checks find entries of another release or stray ones,
// and do not defend against forgery.
function isTaskRow(row: unknown): row is TaskRow {
  if (!Array.isArray(row) || row[0] !== "t" || row.length < EMISSION) return false;
  const [, type, at, id, , , rank, state] = row as unknown[];
  if (type === "EMITTED" && !isEmissionRow(row[EMISSION])) return false;
  const known = includes(TASK_EVENT_TYPES, type) && includes(TASK_STATES, state) && PRIORITIES[Number(rank)];
  return Boolean(known) && typeof at === "number" && typeof id === "string" && typeof row[20] === "number";
}

function isEmissionRow(value: unknown): value is EmissionRow {
  return Array.isArray(value) && typeof value[0] === "string" && value.length > 1;
}

function isWorkerRow(row: unknown): row is WorkerRow {
  if (!Array.isArray(row) || row[0] !== "w" || row.length < 6) return false;
  const fields = row[5] as Partial<WorkerFields> | null;
  if (typeof fields !== "object" || fields === null || typeof fields.id !== "string") return false;
  return (
    includes(WORKER_EVENT_TYPES, row[1]) &&
    includes(WORKER_STATUSES, fields.status) &&
    typeof row[2] === "number"
  );
}

function readTask(row: TaskRow): TaskEvent {
  const [
    ,
    type,
    at,
    id,
    name,
    queue,
    rank,
    state,
    attempt,
    maxAttempts,
    crashCount,
    workerId,
    workerName,
    ...rest
  ] = row;
  const [tags, progress, createdAt, queuedAt, startedAt, finishedAt, runAt, version, scheduleId, emission] =
    rest;
  const task: TaskSummary = {
    id,
    name,
    queue,
    priority: PRIORITIES[rank]!,
    state,
    attempt,
    maxAttempts,
    crashCount,
    workerId,
    workerName,
    tags,
    progress: progress && readProgress(progress),
    createdAt: new Date(createdAt),
    queuedAt: time(queuedAt),
    startedAt: time(startedAt),
    finishedAt: time(finishedAt),
    runAt: time(runAt),
    scheduleId,
    version,
  };
  const event = { kind: "task", type, at: new Date(at), task } as const;
  return emission ? { ...event, emitted: { type: emission[0], payload: emission[1] } } : event;
}

function readWorker([, type, at, startedAt, lastHeartbeatAt, fields]: WorkerRow): WorkerEvent {
  const worker = {
    ...fields,
    startedAt: new Date(startedAt),
    lastHeartbeatAt: new Date(lastHeartbeatAt),
  };
  return { kind: "worker", type, at: new Date(at), worker };
}

function progressRow(progress: TaskProgress): ProgressRow {
  return [progress.current, progress.total, progress.message, progress.updatedAt.getTime()];
}

function readProgress([current, total, message, updatedAt]: ProgressRow): TaskProgress {
  return { current, total, message, updatedAt: new Date(updatedAt) };
}

function epoch(date: Date | null): Time {
  return date && date.getTime();
}

function time(milliseconds: Time): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}

function includes(values: readonly string[], value: unknown): boolean {
  return typeof value === "string" && values.includes(value);
}

/** Commands as arrays; the time is epoch milliseconds. */
type ControlRow = readonly [kind: "c", at: number, fields: Omit<ControlEntry, "at">];

function controlRow({ entry: { at, ...fields } }: ControlEvent): ControlRow {
  return ["c", at.getTime(), fields];
}

function isControlRow(row: unknown): row is ControlRow {
  if (!Array.isArray(row) || row[0] !== "c" || row.length < 3) return false;
  const fields = row[2] as Partial<ControlEntry> | null;
  return (
    typeof row[1] === "number" &&
    typeof fields?.id === "number" &&
    (CONTROL_ACTIONS as readonly unknown[]).includes(fields.action) &&
    Array.isArray(fields.changes)
  );
}

function readControl([, at, fields]: ControlRow): ControlEvent {
  return { kind: "control", entry: { ...fields, at: new Date(at) } };
}
