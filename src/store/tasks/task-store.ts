import type { Json, JsonObject } from "../../lib/json.ts";
import type { Hint } from "../../task/records/hint.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { TaskSchedule } from "../../task/schedule/schedule.ts";
import type { HiddenValues, StoredOptions } from "../../task/call/stored-options.ts";
import type { Revocation, TaskError, TaskProgress, TaskSummary } from "../../task/records/task.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";

/** A row to be. Spans are turned into times by the database's clock. */
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
  /** What it is counted by, where its definition has limits. @default it has none */
  readonly limitKey?: string | null;
  /** @default none */
  readonly options?: StoredOptions | null;
  readonly uniqueKey: string | null;
  /** What becomes of it if an unfinished task holds its unique key. @default "RETURN" */
  readonly onConflict?: UniqueConflict;
  /** With REPLACE: the holder is due no later than so long after it was made. @default no bound */
  readonly maxWaitMs?: number | null;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly meta: JsonObject | null;
  readonly parentId: string | null;
  readonly retryOf: string | null;
  readonly createdBy: string | null;
  /** Of which schedule it is; one task for each slot. @default none */
  readonly schedule?: TaskSchedule;
  /** Begins as PENDING, and waits until the tasks of its schedule before it have ended. @default false */
  readonly held?: boolean;
}

/** "each": every row for itself. "all": a conflict of one row, or a key that is taken, means that nothing is inserted. */
export type InsertMode = "each" | "all";

export type Inserted =
  | { readonly kind: "created"; readonly task: TaskSummary }
  /** A task with the same key is there: by `uniqueKey` unfinished, by `idempotencyKey` with the same input; or of the same slot. */
  | { readonly kind: "existing"; readonly taskId: string }
  /** The task that holds its unique key waits, and has its input and options now. */
  | {
      readonly kind: "replaced";
      readonly task: TaskSummary;
      /** It was in the same place of the same queue before: its hint is there. */
      readonly hinted: boolean;
    }
  /** The idempotency key was used with another name or input. */
  | { readonly kind: "conflict"; readonly taskId: string }
  /** The unique key is held by a task that it may not replace: REJECT, or one that is PENDING, or of another definition. */
  | { readonly kind: "taken"; readonly taskId: string };

export interface ClaimRequest {
  readonly taskIds: readonly string[];
  readonly workerId: string;
  readonly workerName: string;
  /** Names that this worker can run. */
  readonly names: readonly string[];
  /** Tasks whose worker died so often, or more often, are left. @default none is left for that */
  readonly crashesBelow?: number;
}

/** A task that is ours now, with all that is needed to run it. */
export interface ClaimedTask {
  /** The small columns, right after the claim. */
  readonly summary: TaskSummary & { readonly startedAt: Date; readonly workerId: string };
  readonly input: Json;
  readonly timeLimitMs: number | null;
  readonly options: StoredOptions | null;
  readonly idempotencyKey: string | null;
  readonly schedule: TaskSchedule | null;
}

/** A task that a worker has, by its row. */
export interface StartedTask {
  readonly summary: ClaimedTask["summary"];
  /** Someone asked to cancel it. */
  readonly cancelRequested: boolean;
  /** Who, and why; null where neither is known. */
  readonly revocation: Revocation | null;
}

/** Where a QUEUED task waits. */
export interface QueuedHint extends Hint {
  readonly name: string;
  readonly paused: boolean;
  readonly crashCount: number;
  /** What it is counted by; null for a task without limits of its own. */
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
  /** How long the task is kept if it ends with this, where it was not told otherwise. */
  readonly keepMs: number;
} & (
  | {
      readonly kind: "succeeded";
      readonly output: Json;
      /** The row keeps the output, although its options say that it is elsewhere: it could not be put there. @default false */
      readonly inRow?: boolean;
    }
  | { readonly kind: "failed"; readonly error: TaskError }
  | {
      readonly kind: "retry";
      readonly error: TaskError;
      readonly delayMs: number;
      /** The task's input from now on, as the only element. @default null: as it was */
      readonly newInput?: readonly [Json] | null;
      /** Sensitive values of that input. */
      readonly newHidden?: HiddenValues | null;
      /** What limits count the task by with that input. @default as it was */
      readonly newLimitKey?: string;
    }
  /** Due again later, without an attempt charged. */
  /** `closesPartition`: until then no other task of its definition starts; the worker sees to that. */
  | { readonly kind: "snoozed"; readonly delayMs: number; readonly closesPartition?: boolean }
  | { readonly kind: "revoked" }
  | { readonly kind: "givenBack" }
);

/**
 * What the finish statement did with one outcome; null when it matched no row: the task was no longer ours. Of a task that has ended the rest
 * is as it was.
 */
export type Finished =
  | (Pick<TaskSummary, "state" | "version" | "finishedAt"> &
      Partial<Pick<TaskSummary, "attempt" | "queuedAt" | "runAt">>)
  | null;

/** An outcome that was sent, and may have been recorded without our hearing of it. */
export interface SentOutcome {
  readonly outcome: Outcome;
  /** The task's crashes as of its claim: who takes a task back counts one more. */
  readonly crashCount: number;
}

export interface ProgressReport {
  readonly taskId: string;
  readonly workerId: string;
  readonly version: number;
  readonly progress: TaskProgress;
}

/** The path of every task: one statement for many tasks each. All of it may throw UnavailableError; nothing is then half done. */
export interface TaskStore {
  /** Inserts rows; one answer per row, in order. Durable when it resolves. */
  insert(rows: readonly NewTask[], mode: InsertMode): Promise<Inserted[]>;
  /** QUEUED -> STARTED for those that still wait, are not expired or paused, and fit the request. Returns only what is ours. */
  claim(request: ClaimRequest): Promise<ClaimedTask[]>;
  /** Of these ids, the hints of those that are still QUEUED: why a claim may have left them (paused, expired, a foreign name, crashes). */
  stillQueued(taskIds: readonly string[]): Promise<QueuedHint[]>;
  /** STARTED -> what the outcome says, guarded by version and worker. One answer per outcome, in order. Durable when it resolves. */
  finish(outcomes: readonly Outcome[]): Promise<Finished[]>;
  /**
   * What became of outcomes whose finish was not answered: as `finish`, for those that it did record and that nobody has changed since.
   * Waits for a transaction that is about to end a row.
   */
  findFinished(sent: readonly SentOutcome[]): Promise<Finished[]>;
  /** Stores progress of tasks that are still ours; returns the ids that were. */
  saveProgress(reports: readonly ProgressReport[]): Promise<string[]>;
  /** The tasks that are STARTED by this worker. */
  startedBy(workerId: string): Promise<StartedTask[]>;
}
