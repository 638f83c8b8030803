import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Hint } from "../../task/records/hint.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { TaskSchedule } from "../../task/schedule/schedule.ts";
import type { HiddenValues, StoredOptions } from "../../task/call/stored-options.ts";
import type { Revocation, TaskError, TaskProgress, TaskSummary } from "../../task/records/task.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";

/** A row to insert. The database's clock turns durations into timestamps. */
export interface NewTask {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly input: Json;
  readonly maxAttempts: number;
  readonly runAt: Date | null;
  readonly delayMs: number | null;
  readonly expiresInMs: number | null;
  readonly timeLimitMs: number | null;
  /** The key that limits count it by. @default no limits */
  readonly limitKey?: string | null;
  /** @default none */
  readonly options?: StoredOptions | null;
  readonly uniqueKey: string | null;
  /** Reaction to an unfinished task that holds its unique key. @default "RETURN" */
  readonly onConflict?: UniqueConflict;
  /** With REPLACE: the holder is due at most this long after its creation. @default no bound */
  readonly maxWaitMs?: number | null;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly meta: JsonObject | null;
  readonly parentId: string | null;
  readonly retryOf: string | null;
  readonly createdBy: string | null;
  /** Its schedule and slot; one task for each slot. @default none */
  readonly schedule?: TaskSchedule;
  /**
   * Begins as PENDING, and waits until the tasks of its schedule before it have ended.
   * @default false
   */
  readonly held?: boolean;
  /**
   * Whether the enqueue itself sends its events and hints; else the dispatcher does, after the
   * commit. @default true
   */
  readonly isAnnounced?: boolean;
}

/**
 * "each": every row by itself. "all": if one row conflicts or its key is taken, nothing is
 * inserted.
 */
export type InsertMode = "each" | "all";

export type Inserted =
  | { readonly kind: "created"; readonly task: TaskSummary }
  /**
   * A task with the same key exists: by `uniqueKey` unfinished, by `idempotencyKey` with the same
   * input, or for the same slot.
   */
  | { readonly kind: "existing"; readonly taskId: string }
  /** The waiting task that holds its unique key has its input and options now. */
  | {
      readonly kind: "replaced";
      readonly task: TaskSummary;
      /** Its queue and priority are unchanged: its hint exists. */
      readonly hinted: boolean;
    }
  /** The idempotency key was used with another name or input. */
  | { readonly kind: "conflict"; readonly taskId: string }
  /**
   * A task that may not be replaced holds the unique key: REJECT, a PENDING task, or one of another
   * definition.
   */
  | { readonly kind: "taken"; readonly taskId: string };

export interface ClaimRequest {
  readonly taskIds: readonly string[];
  readonly workerId: string;
  readonly workerName: string;
  /** Names that this worker can run. */
  readonly names: readonly string[];
  /** Only tasks with a lower crash count. @default no bound */
  readonly crashesBelow?: number;
}

/** A claimed task, with everything that is needed to run it. */
export interface ClaimedTask {
  /** The small columns, right after the claim. */
  readonly summary: TaskSummary & { readonly startedAt: Date; readonly workerId: string };
  readonly input: Json;
  readonly timeLimitMs: number | null;
  readonly options: StoredOptions | null;
  readonly idempotencyKey: string | null;
  readonly schedule: TaskSchedule | null;
}

/** A task that a worker holds, by its row. */
export interface StartedTask {
  readonly summary: ClaimedTask["summary"];
  /** Whether a cancel was requested. */
  readonly cancelRequested: boolean;
  /** Who cancelled it, and why; null if neither is known. */
  readonly revocation: Revocation | null;
}

/** A stored request to cancel a running task. */
export interface CancelRequest {
  readonly taskId: string;
  /** Who cancelled it, and why; null if neither is known. */
  readonly revocation: Revocation | null;
}

/** Where a QUEUED task waits. */
export interface QueuedHint extends Hint {
  readonly name: string;
  readonly paused: boolean;
  readonly crashCount: number;
  /** The key that limits count it by; null for a task without limits. */
  readonly limitKey: string | null;
  /** Whether its queue is limited. */
  readonly queueLimited: boolean;
}

/** How an attempt ended. `version` and `workerId` are those of the claim: the fence. */
export type Outcome = {
  readonly taskId: string;
  readonly workerId: string;
  readonly version: number;
  readonly progress: TaskProgress | null;
  /**
   * Retention of the task if it ends with this outcome and has no own retention, in milliseconds.
   */
  readonly keepMs: number;
} & (
  | {
      readonly kind: "succeeded";
      readonly output: Json;
      /**
       * The row keeps the output although its options name another backend: storing it there
       * failed.
       * @default false
       */
      readonly inRow?: boolean;
    }
  | { readonly kind: "failed"; readonly error: TaskError }
  | {
      readonly kind: "retry";
      readonly error: TaskError;
      readonly delayMs: number;
      /** The new input of the task, as the only element. @default null: unchanged */
      readonly newInput?: readonly [Json] | null;
      /** Sensitive values of the new input. */
      readonly newHidden?: HiddenValues | null;
      /** The limit key of the new input. @default unchanged */
      readonly newLimitKey?: string;
    }
  /**
   * Due again later, without counting an attempt. `closesPartition`: until then the worker starts
   * no other task of its definition.
   */
  | { readonly kind: "snoozed"; readonly delayMs: number; readonly closesPartition?: boolean }
  | { readonly kind: "revoked" }
  | { readonly kind: "givenBack" }
);

/**
 * The answer of the finish statement to one outcome; null when it matched no row: the worker no
 * longer held the task. The other fields of a task that has ended are unchanged.
 */
export type Finished =
  | (Pick<TaskSummary, "state" | "version" | "finishedAt"> &
      Partial<Pick<TaskSummary, "attempt" | "queuedAt" | "runAt">>)
  | null;

/** An outcome that was sent, and may have been recorded although the answer was lost. */
export interface SentOutcome {
  readonly outcome: Outcome;
  /** The task's crash count as of its claim: a rescue counts one more. */
  readonly crashCount: number;
}

export interface ProgressReport {
  readonly taskId: string;
  readonly workerId: string;
  readonly version: number;
  readonly progress: TaskProgress;
}

/**
 * The path of every task, one statement for many tasks each. All methods may throw
 * UnavailableError; nothing is then half done.
 */
export interface TaskStore {
  /** Inserts rows; one answer per row, in order. Durable when it resolves. */
  insert(rows: readonly NewTask[], mode: InsertMode): Promise<Inserted[]>;
  /**
   * QUEUED -> STARTED for tasks that still wait, are not expired or paused, and match the request.
   * Returns the claimed tasks.
   */
  claim(request: ClaimRequest): Promise<ClaimedTask[]>;
  /**
   * Hints of those of these tasks that are still QUEUED, with reasons why a claim may have skipped
   * them: paused, another name, crashes.
   */
  stillQueued(taskIds: readonly string[]): Promise<QueuedHint[]>;
  /**
   * STARTED -> the state of the outcome, guarded by version and worker. One answer per outcome, in
   * order. Durable when it resolves.
   */
  finish(outcomes: readonly Outcome[]): Promise<Finished[]>;
  /**
   * Answers of outcomes whose finish was not answered: as `finish`, for recorded outcomes whose
   * tasks were not changed since. Waits for a transaction that is about to end a row.
   */
  findFinished(sent: readonly SentOutcome[]): Promise<Finished[]>;
  /** Stores progress of tasks that their workers still hold; returns their ids. */
  saveProgress(reports: readonly ProgressReport[]): Promise<string[]>;
  /** The tasks that are STARTED by this worker. */
  startedBy(workerId: string): Promise<StartedTask[]>;
  /** Returns the cancel requests that are stored for these tasks. */
  cancelRequests(taskIds: readonly string[]): Promise<CancelRequest[]>;
}
