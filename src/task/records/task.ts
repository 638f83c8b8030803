/**
 * The words of this house.
 *
 * - task definition: code registered under a name.            - task: one run of it; a row.
 * - attempt: one execution of a task.                         - queue: where tasks wait; workers choose their queues.
 * - hint: a message that a task is probably ready.            - claim: the statement that makes a task STARTED by a worker.
 * - finish: the statement that records an attempt's outcome.  - worker: a process that runs tasks.
 * - incarnation: the id of one life of a worker.              - heartbeat: a worker's sign of life in the database.
 * - event: a state change told to subscribers.                - cursor: a place in the event stream.
 * - schedule: when a task definition is enqueued.             - slot: one due time of a schedule.
 * - beat: the loop that turns slots into tasks.               - held: PENDING until the earlier tasks of its schedule have ended.
 * - version: counts the state changes of one task; fences late finishers and orders events.
 */
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Priority } from "../definition/priority.ts";
import type { TaskState } from "./state.ts";
import type { StoredOptions } from "../call/stored-options.ts";

/** What led to an error. */
export interface TaskErrorCause {
  readonly type: string;
  readonly message: string;
}

/** How an attempt failed. */
export interface TaskError {
  /** Class of the error, e.g. `"TypeError"`. */
  readonly type: string;
  readonly message: string;
  /** With the stacks of its causes, each after `Caused by: `. */
  readonly stack: string | null;
  /** What led to it, the nearest first; absent without any. */
  readonly causes?: readonly TaskErrorCause[];
  /** Whether a further attempt could have helped. */
  readonly retryable: boolean;
  /** Equal for equal failures. */
  readonly fingerprint: string;
}

/** Who cancelled a task, and why. */
export interface Revocation {
  /** Null where nobody has to say who they are, and for cancels by Lovage itself. */
  readonly by: string | null;
  /** In their own words. */
  readonly reason: string | null;
}

export interface TaskProgress {
  readonly current: number;
  readonly total: number | null;
  readonly message: string | null;
  readonly updatedAt: Date;
}

/** An earlier attempt that ended in a retry. The last attempt is the task's own columns. */
export interface TaskAttempt {
  readonly number: number;
  readonly workerName: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly state: TaskState;
  readonly error: TaskError | null;
}

/** The small columns of a task: what an event carries. */
export interface TaskSummary {
  /** UUIDv7: ordered by creation. */
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly state: TaskState;
  /** Attempts begun so far, without those given back. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Times that a worker died while it ran this task. */
  readonly crashCount: number;
  /** Incarnation of the worker that holds or held it. */
  readonly workerId: string | null;
  readonly workerName: string | null;
  readonly tags: readonly string[];
  readonly progress: TaskProgress | null;
  readonly createdAt: Date;
  readonly queuedAt: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** When a SCHEDULED or RETRY task is due. */
  readonly runAt: Date | null;
  /** The schedule that it is of. */
  readonly scheduleId: string | null;
  /** Rises with every change of state. */
  readonly version: number;
  /** What a limited task is counted by (see `limitKeyOf`), as the database gave it: events do not carry it. @default it is not limited */
  readonly limitKey?: string;
}

/** A task with all its columns. */
export interface TaskRecord extends TaskSummary {
  readonly input: Json;
  readonly output: Json;
  readonly error: TaskError | null;
  readonly attempts: readonly TaskAttempt[];
  readonly expiresAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  /** Of a task that was cancelled, or is asked to stop; null also where neither is known. */
  readonly revocation: Revocation | null;
  readonly timeLimitMs: number | null;
  /** What only some tasks are told. */
  readonly options: StoredOptions | null;
  readonly idempotencyKey: string | null;
  readonly uniqueKey: string | null;
  readonly meta: JsonObject | null;
  readonly parentId: string | null;
  readonly retryOf: string | null;
  readonly createdBy: string | null;
  /** Name of its schedule when it was made, and the slot that it stands for. */
  readonly scheduleName: string | null;
  readonly slot: Date | null;
}

/** The columns of a task that may be large. */
export const TASK_VALUES = ["input", "output", "error", "attempts"] as const;
export type TaskValueName = (typeof TASK_VALUES)[number];

/** A task without its large columns: what lists are made of. */
export type TaskOutline = Omit<TaskRecord, TaskValueName>;

/** Large columns of a task, and what the row said beside them. Those that were not asked for are absent. */
export type TaskValues = Pick<TaskRecord, "id" | "version" | "state" | "options"> &
  Partial<Pick<TaskRecord, TaskValueName>>;
