import type { FoundResult } from "../engine/results.ts";
import { isFinal, type TaskState } from "../task/state.ts";
import type { TaskAttempt, TaskError, TaskProgress, TaskRecord, TaskSummary } from "../task/task.ts";
import type { Loaders } from "./loaders.ts";
import type { TaskAction } from "./types/enums.ts";

/**
 * What a Task is resolved from: a whole row, or the small columns that an event carries. The rest of an event's task is loaded when
 * it is asked for. The row may be further on by then, so whatever depends on the state is taken only where it cannot have changed
 * since the event: nobody sees a task that is STARTED and has a result.
 */
export type TaskSource = TaskRecord | TaskSummary;

/** The whole row; null when it is gone. */
export function loadRecord(task: TaskSource, loaders: Loaders): Promise<TaskRecord | null> | TaskRecord {
  return "output" in task ? task : loaders.task.load(task.id);
}

const NO_RESULT: FoundResult = { output: null, gone: false };

/** A row that keeps its output is answered from the row alone. */
export async function resultOf(task: TaskSource, loaders: Loaders): Promise<FoundResult> {
  const record = task.state === "SUCCESS" ? await loadRecord(task, loaders) : null;
  if (!record) return NO_RESULT;
  if (record.options?.resultBackend === undefined) return { output: record.output, gone: false };
  return loaders.result.load(record);
}

export async function errorOf(task: TaskSource, loaders: Loaders): Promise<TaskError | null> {
  if (task.state !== "RETRY" && !isFinal(task.state)) return null;
  const record = await loadRecord(task, loaders);
  // The row as the event left it: of a task that was snoozed it says that nothing failed.
  if (isFinal(task.state) || record?.version === task.version) return record?.error ?? null;
  return record?.attempts.find((attempt) => attempt.number === task.attempt)?.error ?? null;
}

/** Earlier attempts and, unless it is one of them, the latest. */
export async function attemptsOf(task: TaskSource, loaders: Loaders): Promise<TaskAttempt[]> {
  const record = await loadRecord(task, loaders);
  // The row of an event that says STARTED may know already how that attempt ended.
  const last = task.state === "STARTED" ? task.attempt - 1 : task.attempt;
  const earlier = (record?.attempts ?? []).filter((attempt) => attempt.number <= last);
  const latest =
    earlier.at(-1)?.number === task.attempt
      ? null
      : latestAttempt(task, isFinal(task.state) ? (record?.error ?? null) : null);
  return latest ? [...earlier, latest] : earlier;
}

const ATTEMPT_STATES: ReadonlySet<TaskState> = new Set(["STARTED", "SUCCESS", "FAILURE", "REVOKED"]);

function latestAttempt(task: TaskSource, error: TaskError | null): TaskAttempt | null {
  const { attempt, startedAt, finishedAt, state, workerName } = task;
  // An attempt that was given back is not charged: its number is that of an earlier one, or 0.
  if (attempt === 0 || startedAt === null || !ATTEMPT_STATES.has(state)) return null;
  return { number: attempt, workerName, startedAt, finishedAt, state, error };
}

export function waitTimeOf({ queuedAt, startedAt }: TaskSource): number | null {
  // A task that was queued again has its new `queuedAt` and still the old `startedAt`.
  if (queuedAt === null || startedAt === null || startedAt < queuedAt) return null;
  return startedAt.getTime() - queuedAt.getTime();
}

export async function runTimeOf(task: TaskSource, loaders: Loaders): Promise<number | null> {
  const { startedAt, finishedAt } = task;
  if (startedAt === null || finishedAt === null) return null;
  return (await endedRunning(task, loaders)) ? finishedAt.getTime() - startedAt.getTime() : null;
}

async function endedRunning(task: TaskSource, loaders: Loaders): Promise<boolean> {
  if (task.state !== "REVOKED") return task.state === "SUCCESS" || task.state === "FAILURE";
  return (await attemptsOf(task, loaders)).some((attempt) => attempt.state === "REVOKED");
}

export function percentOf({ current, total }: TaskProgress): number | null {
  if (total === null || total <= 0) return null;
  return Math.min(100, Math.max(0, (current / total) * 100));
}

export function actionsOn({ state }: TaskSource): TaskAction[] {
  switch (state) {
    case "SCHEDULED":
    case "RETRY":
      return ["REVOKE", "RUN_NOW"];
    case "PENDING":
    case "QUEUED":
      return ["REVOKE"];
    case "STARTED":
      return ["TERMINATE"];
    default:
      return ["RETRY", "DELETE"];
  }
}
