import type { FoundResult } from "../../engine/outcome/results.ts";
import { isFinal, type TaskState } from "../../task/records/state.ts";
import type {
  TaskAttempt,
  TaskError,
  TaskOutline,
  TaskProgress,
  TaskRecord,
  TaskSummary,
  TaskValueName,
} from "../../task/records/task.ts";
import type { Loaders } from "../loading/loaders.ts";
import type { ReplyBudget } from "../http/operations/reply-budget.ts";
import type { WithValue } from "../loading/value-loader.ts";
import type { TaskAction } from "./task-type.ts";

/**
 * The value from which a Task is resolved: a row, with or without its large columns, or the small
 * columns of an event. Other columns are loaded when they are selected. The row may have changed by
 * then, so columns that depend on the state are used only if they cannot have changed since: nobody
 * sees a STARTED task with a result.
 */
export type TaskSource = TaskRecord | TaskOutline | TaskSummary;

/** The part of a request's context that views use. */
interface ViewContext {
  readonly loaders: Pick<Loaders, "task" | "values" | "result">;
  readonly reply?: ReplyBudget;
}

/** Returns the row without its large columns, or null if it is gone. */
export function loadOutline(
  task: TaskSource,
  { loaders }: ViewContext,
): Promise<TaskOutline | null> | TaskOutline {
  return "meta" in task ? task : loaders.task.load(task.id);
}

/** Returns the row with a large column, or null if it is gone. */
export function loadValue<Name extends TaskValueName>(
  task: TaskSource,
  name: Name,
  { loaders, reply }: ViewContext,
): Promise<WithValue<Name> | null> | WithValue<Name> {
  return name in task ? (task as TaskRecord) : loaders.values.load(task.id, name, reply);
}

const NO_RESULT: FoundResult = { output: null, gone: false };

/** Returns the result. An output in the row needs no other read. */
export async function resultOf(task: TaskSource, context: ViewContext): Promise<FoundResult> {
  const record = task.state === "SUCCESS" ? await loadValue(task, "output", context) : null;
  if (!record) return NO_RESULT;
  if (record.options?.resultBackend === undefined) return { output: record.output, gone: false };
  return context.loaders.result.load(record);
}

export async function errorOf(task: TaskSource, context: ViewContext): Promise<TaskError | null> {
  if (task.state !== "RETRY" && !isFinal(task.state)) return null;
  const record = await loadValue(task, "error", context);
  // The row of the same version as the event. A snoozed task has no error.
  if (isFinal(task.state) || record?.version === task.version) return record?.error ?? null;
  const { attempts = [] } = (await loadValue(task, "attempts", context)) ?? {};
  return attempts.find((attempt) => attempt.number === task.attempt)?.error ?? null;
}

/** Returns earlier attempts and, unless it is one of them, the latest. */
export async function attemptsOf(task: TaskSource, context: ViewContext): Promise<TaskAttempt[]> {
  const [record, failed] = await Promise.all([
    loadValue(task, "attempts", context),
    isFinal(task.state) ? loadValue(task, "error", context) : null,
  ]);
  // The row of a STARTED event may already contain the end of that attempt.
  const last = task.state === "STARTED" ? task.attempt - 1 : task.attempt;
  const earlier = (record?.attempts ?? []).filter((attempt) => attempt.number <= last);
  const latest = earlier.at(-1)?.number === task.attempt ? null : latestAttempt(task, failed?.error ?? null);
  return latest ? [...earlier, latest] : earlier;
}

const ATTEMPT_STATES: ReadonlySet<TaskState> = new Set(["STARTED", "SUCCESS", "FAILURE", "REVOKED"]);

function latestAttempt(task: TaskSource, error: TaskError | null): TaskAttempt | null {
  const { attempt, startedAt, finishedAt, state, workerName } = task;
  // A requeued attempt is not charged: its number is that of an earlier attempt, or 0.
  if (attempt === 0 || startedAt === null || !ATTEMPT_STATES.has(state)) return null;
  return { number: attempt, workerName, startedAt, finishedAt, state, error };
}

export function waitTimeOf({ queuedAt, startedAt }: TaskSource): number | null {
  // A task that was queued again has a new `queuedAt` and the old `startedAt`.
  if (queuedAt === null || startedAt === null || startedAt < queuedAt) return null;
  return startedAt.getTime() - queuedAt.getTime();
}

export async function runTimeOf(task: TaskSource, context: ViewContext): Promise<number | null> {
  const { startedAt, finishedAt } = task;
  if (startedAt === null || finishedAt === null) return null;
  return (await endedRunning(task, context)) ? finishedAt.getTime() - startedAt.getTime() : null;
}

async function endedRunning(task: TaskSource, context: ViewContext): Promise<boolean> {
  if (task.state !== "REVOKED") return task.state === "SUCCESS" || task.state === "FAILURE";
  return (await attemptsOf(task, context)).some((attempt) => attempt.state === "REVOKED");
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
