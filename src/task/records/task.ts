// Records of a task, as they are stored and sent. docs/glossary.md defines the terms.
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Priority } from "../definition/priority.ts";
import type { TaskState } from "./state.ts";
import type { StoredOptions } from "../call/stored-options.ts";

/** A cause of an error. */
export interface TaskErrorCause {
  readonly type: string;
  readonly message: string;
}

/** A declared error of a definition, as it was thrown. */
interface TaskErrorDetail {
  /** Its name in the definition's `errors`. */
  readonly name: string;
  readonly data: Json;
}

/** The recorded error of an attempt. */
export interface TaskError {
  /** Class of the error, such as `"TypeError"`. */
  readonly type: string;
  readonly message: string;
  /** Stack with the stacks of the causes, each after `Caused by: `. */
  readonly stack: string | null;
  /** Causes, the nearest first; absent if there are none. */
  readonly causes?: readonly TaskErrorCause[];
  /** Whether a retry could have helped. */
  readonly retryable: boolean;
  /** Fingerprint: equal for equal failures. */
  readonly fingerprint: string;
  /** Absent for errors that the definition does not declare. */
  readonly detail?: TaskErrorDetail;
}

/** The user who cancelled a task, and the reason. */
export interface Revocation {
  /** Null if the server has no users, and for cancels by Lovage. */
  readonly by: string | null;
  /** The reason that the user gave. */
  readonly reason: string | null;
}

export interface TaskProgress {
  readonly current: number;
  readonly total: number | null;
  readonly message: string | null;
  readonly updatedAt: Date;
}

/** An earlier attempt with a retry. The last attempt is in the columns of the task. */
export interface TaskAttempt {
  readonly number: number;
  readonly workerName: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly state: TaskState;
  readonly error: TaskError | null;
}

/** A task without its large columns: the content of an event. */
export interface TaskSummary {
  /** UUIDv7: ordered by creation. */
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly state: TaskState;
  /** Number of started attempts, without those that were requeued. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Number of crashes of a worker that ran this task. */
  readonly crashCount: number;
  /** Id of the incarnation of the worker that runs it, or ran it last. */
  readonly workerId: string | null;
  readonly workerName: string | null;
  readonly tags: readonly string[];
  readonly progress: TaskProgress | null;
  readonly createdAt: Date;
  readonly queuedAt: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Due time of a SCHEDULED or RETRY task. */
  readonly runAt: Date | null;
  /** Id of its schedule. */
  readonly scheduleId: string | null;
  /** Increases with every change of state. */
  readonly version: number;
  /**
   * Limit key of a limited task (see `limitKeyOf`), as read from the database. Events do not carry
   * it.
   * @default not limited
   */
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
  /**
   * The cancel of a task that was cancelled or is asked to stop; null if user and reason are
   * unknown.
   */
  readonly revocation: Revocation | null;
  readonly timeLimitMs: number | null;
  /** Options that only some tasks have. */
  readonly options: StoredOptions | null;
  readonly idempotencyKey: string | null;
  readonly uniqueKey: string | null;
  readonly meta: JsonObject | null;
  readonly parentId: string | null;
  readonly retryOf: string | null;
  readonly createdBy: string | null;
  /** Name of its schedule at its creation, and its slot. */
  readonly scheduleName: string | null;
  readonly slot: Date | null;
}

/** Names of the large columns of a task. */
export const TASK_VALUES = ["input", "output", "error", "attempts"] as const;
export type TaskValueName = (typeof TASK_VALUES)[number];

/** A task without its large columns: the content of lists. */
export type TaskOutline = Omit<TaskRecord, TaskValueName>;

/** Large columns of a task. Columns that were not requested are absent. */
export type TaskValues = Pick<TaskRecord, "id" | "version" | "state" | "options"> &
  Partial<Pick<TaskRecord, TaskValueName>>;
