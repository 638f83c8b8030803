import { show } from "../../lib/quote.ts";
import type { Json } from "../../lib/json/json.ts";
import type { TaskError, TaskSummary } from "../records/task.ts";
import type { WorkerRecord } from "../records/worker.ts";

/** A committed event of a task. */
export interface TaskHookEvent {
  readonly at: Date;
  /** The task after the event. */
  readonly task: TaskSummary;
}
export interface TaskSucceeded extends TaskHookEvent {
  /** The output. */
  readonly output: Json;
}
export interface TaskAttemptFailed extends TaskHookEvent {
  /** The error; null if its worker died. */
  readonly error: TaskError | null;
}
/** An event of a worker. */
export interface WorkerHookEvent {
  readonly at: Date;
  readonly worker: WorkerRecord;
}

// oxlint-disable-next-line typescript/no-invalid-void-type -- hooks return nothing, or a promise of nothing
type Hook<Event> = (event: Event) => void | Promise<void>;

/**
 * Hooks for events of tasks. The process that caused the event calls them after the commit. They
 * cannot change the task: an error, a rejection or a hook that does not end is logged. A process
 * that dies between the commit and the hook does not call it: use a task for what must not be
 * missed.
 */
export interface TaskHooks {
  readonly "task:enqueued"?: Hook<TaskHookEvent>;
  readonly "task:started"?: Hook<TaskHookEvent>;
  readonly "task:succeeded"?: Hook<TaskSucceeded>;
  /** An attempt failed, and a retry follows at `task.runAt`. */
  readonly "task:retrying"?: Hook<TaskAttemptFailed>;
  /** The task was snoozed: it runs again at `task.runAt`. */
  readonly "task:snoozed"?: Hook<TaskHookEvent>;
  /** The task failed for good. */
  readonly "task:failed"?: Hook<TaskAttemptFailed>;
  readonly "task:revoked"?: Hook<TaskHookEvent>;
  readonly "task:expired"?: Hook<TaskHookEvent>;
  /** Its worker stopped or died: the task waits for another. */
  readonly "task:givenBack"?: Hook<TaskHookEvent>;
}

/** The hooks of an app: events of all its tasks and workers. */
export interface Hooks extends TaskHooks {
  /** A worker of this process fetches tasks; again after it had been taken for lost. */
  readonly "worker:ready"?: Hook<WorkerHookEvent>;
  /** A worker of this process stopped fetching. */
  readonly "worker:stopping"?: Hook<WorkerHookEvent>;
  /** A worker of this process has recorded all outcomes and ended. */
  readonly "worker:stopped"?: Hook<WorkerHookEvent>;
  /** This process found a worker without heartbeats. */
  readonly "worker:lost"?: Hook<WorkerHookEvent>;
}

const TASK_HOOKS: readonly (keyof TaskHooks)[] = [
  "task:enqueued",
  "task:started",
  "task:succeeded",
  "task:retrying",
  "task:snoozed",
  "task:failed",
  "task:revoked",
  "task:expired",
  "task:givenBack",
];
const WORKER_HOOKS: readonly (keyof Hooks)[] = [
  "worker:ready",
  "worker:stopping",
  "worker:stopped",
  "worker:lost",
];

/** Adds a line to `problems` for each invalid hook. */
export function checkHooks(hooks: unknown, of: "task" | "app", problems: string[]): void {
  if (hooks === undefined) return;
  const known: readonly string[] = of === "task" ? TASK_HOOKS : [...TASK_HOOKS, ...WORKER_HOOKS];
  if (typeof hooks !== "object" || hooks === null || Array.isArray(hooks)) {
    problems.push(`hooks: expected an object such as { "task:failed": (event) => … }, got ${show(hooks)}`);
    return;
  }
  for (const [name, hook] of Object.entries(hooks)) {
    if (!known.includes(name)) problems.push(`hooks: there is no hook "${name}"; known: ${known.join(", ")}`);
    else if (hook !== undefined && typeof hook !== "function")
      problems.push(`hooks["${name}"]: expected a function, got ${show(hook)}`);
  }
}
