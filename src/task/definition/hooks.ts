import type { Json } from "../../lib/json.ts";
import type { TaskError, TaskSummary } from "../records/task.ts";
import type { WorkerRecord } from "../records/worker.ts";

/** Something that happened to a task, already committed. */
export interface TaskHookEvent {
  readonly at: Date;
  /** The task right after it. */
  readonly task: TaskSummary;
}
export interface TaskSucceeded extends TaskHookEvent {
  /** What it gave back. */
  readonly output: Json;
}
export interface TaskAttemptFailed extends TaskHookEvent {
  /** Why; null when its worker died. */
  readonly error: TaskError | null;
}
/** Something that happened to a worker. */
export interface WorkerHookEvent {
  readonly at: Date;
  readonly worker: WorkerRecord;
}

// oxlint-disable-next-line typescript/no-invalid-void-type -- authors write functions that return nothing, or a promise of it
type Hook<Event> = (event: Event) => void | Promise<void>;

/**
 * Told of what happens to tasks, after the commit, by the process that made it happen. They change nothing: one that throws, rejects or does not
 * end is told to the log. A process that dies between the commit and the hook does not call it: what must not be missed is a task.
 */
export interface TaskHooks {
  readonly "task:enqueued"?: Hook<TaskHookEvent>;
  readonly "task:started"?: Hook<TaskHookEvent>;
  readonly "task:succeeded"?: Hook<TaskSucceeded>;
  /** An attempt failed, and another follows at `task.runAt`. */
  readonly "task:retrying"?: Hook<TaskAttemptFailed>;
  /** By `ctx.snooze`: it runs again at `task.runAt`. */
  readonly "task:snoozed"?: Hook<TaskHookEvent>;
  /** For good. */
  readonly "task:failed"?: Hook<TaskAttemptFailed>;
  readonly "task:revoked"?: Hook<TaskHookEvent>;
  readonly "task:expired"?: Hook<TaskHookEvent>;
  /** Its worker stopped or died; it waits for another. */
  readonly "task:givenBack"?: Hook<TaskHookEvent>;
}

/** The hooks of an app: those of every task, and of its workers. */
export interface Hooks extends TaskHooks {
  /** A worker of this process takes tasks; again after it had been given up for lost. */
  readonly "worker:ready"?: Hook<WorkerHookEvent>;
  /** A worker of this process takes no more. */
  readonly "worker:stopping"?: Hook<WorkerHookEvent>;
  /** A worker of this process has recorded all it ran. */
  readonly "worker:stopped"?: Hook<WorkerHookEvent>;
  /** This process found that a worker somewhere has been silent for too long. */
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

/** Adds a line to `problems` for each hook that could never be called. */
export function checkHooks(hooks: unknown, of: "task" | "app", problems: string[]): void {
  if (hooks === undefined) return;
  const known: readonly string[] = of === "task" ? TASK_HOOKS : [...TASK_HOOKS, ...WORKER_HOOKS];
  if (typeof hooks !== "object" || hooks === null || Array.isArray(hooks)) {
    problems.push(`hooks must be an object such as { "task:failed": (event) => … }`);
    return;
  }
  for (const [name, hook] of Object.entries(hooks)) {
    if (!known.includes(name)) problems.push(`hooks: there is no hook "${name}"; known: ${known.join(", ")}`);
    else if (hook !== undefined && typeof hook !== "function")
      problems.push(`hooks: "${name}" must be a function`);
  }
}
