// oxlint-disable-next-line no-restricted-imports -- a type only, for writes of task code
import type { EntityManager } from "@mikro-orm/postgresql";
import type { DurationInput } from "../../lib/duration.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { MakeDeclaredError } from "./declared-errors.ts";
import type { TaskDefinition } from "./definition.ts";
import type { EnqueuedTask, EnqueueOptions } from "../call/enqueue-options.ts";
import type { TaskSchedule } from "../schedule/schedule.ts";

export type { EntityManager };

/** The context of an attempt: the second argument of `run`. */
export interface TaskContext<Input = unknown, Errors = unknown> {
  /** Id of the task, equal in every attempt. */
  readonly id: string;
  readonly name: string;
  /** The input, parsed by the schema. */
  readonly input: Input;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly queue: string;
  readonly tags: readonly string[];
  /**
   * The `idempotencyKey` of the call, else the id of the task. Equal in every attempt: use it to
   * protect outside effects.
   */
  readonly idempotencyKey: string;
  /**
   * The schedule of the task, with its name at that time and the slot (null for a run on demand);
   * null if no schedule created the task.
   */
  readonly schedule: TaskSchedule | null;
  readonly workerId: string;
  readonly workerName: string;
  readonly createdAt: Date;
  readonly startedAt: Date;
  /**
   * Aborts when the task is cancelled, reaches its soft time limit or its time limit, or its worker
   * stops. `reason` is the error of the case. A signal aborts once: after the soft limit, end soon.
   */
  readonly signal: AbortSignal;
  /** Time at which the time limit ends the attempt; null without one. */
  readonly deadline: Date | null;
  /**
   * Logs to the log of the worker, with the id, name and attempt of the task. Records of the level
   * `taskLogLevel` and above are also stored with the task, up to `taskLogLines` lines. Accepts any
   * value, never throws and never waits.
   */
  readonly log: Logger;
  /** Reports the progress. Cheap: the newest report is written a few times a second. */
  progress(current: number, total?: number, message?: string): void;
  /**
   * Sends an event to the subscribers of the task, in order and at once. It is not stored. Limits:
   * 100 a second per task, and 2,000 or 2 MiB a second per worker. Events above them are dropped,
   * and counted in the log of the task.
   *
   * @param type a letter, then up to 127 letters, digits, "_", ".", ":" or "-"
   * @param payload any value, converted to JSON of at most 16 KiB @default null
   * @throws TypeError for an invalid type or payload
   */
  emit(type: string, payload?: unknown): void;
  /**
   * Enqueues another task, as a child of this one. When it resolves, the task is committed,
   * whatever the outcome of this attempt. A later attempt enqueues again unless it uses the same
   * `idempotencyKey`, such as `${ctx.id}:receipt`. An attempt that succeeds waits for its enqueues.
   * It is not part of a `ctx.transaction`: use `app.enqueue` with `em` there.
   *
   * @throws RefusedError if the input or the options are invalid, or the worker does not know the
   *   definition; nothing was enqueued
   * @throws UnavailableError if the database does not answer. The task may exist: enqueue it again
   *   with the same `idempotencyKey`
   * @throws TypeError inside a transaction of the embedded database, which has one connection; and
   *   for a value that is not a definition
   * @throws Error if the attempt has ended but its code goes on
   */
  enqueue<I, O>(definition: TaskDefinition<I, O>, input: I, options?: EnqueueOptions): Promise<EnqueuedTask>;
  /**
   * Returns an error that the definition declares in `errors`, to be thrown:
   * `throw ctx.error("NoSuchAccount", { account })`. By default the task becomes FAILURE at once;
   * with `{ retryable: true }` the retry policy applies. The data may have 16 KiB as JSON.
   */
  readonly error: MakeDeclaredError<Errors>;
  /**
   * Ends the attempt without a result: the task runs again after `delay` (at most 365 days). The
   * attempt is not counted and nothing has failed, so a task may snooze any number of times. Throws
   * `SnoozeTask`: a `catch` around it must rethrow that.
   */
  snooze(delay: DurationInput): never;
  /**
   * Like `snooze`, and until then no other task of the definition starts on any worker: for a
   * response such as HTTP 429. If the definition has neither `rateLimit` nor `concurrency`, only
   * this task waits. Throws `RateLimitedTask`.
   */
  rateLimited(delay: DurationInput): never;
  /**
   * Runs `work` in a transaction of the app's database that also records SUCCESS: the writes of
   * `work` through `em` and the SUCCESS commit together or not at all. The return value of `work`
   * is the output of the task. Call it once, as the last step: after the commit, nothing that `run`
   * returns or throws changes the task.
   *
   * `em` runs plain SQL (`em.execute("insert …", […])`). Keep it short: the transaction holds a
   * connection of the app (the only one of the embedded database), and 30 s without a statement end
   * it.
   *
   * @throws what `work` throws, after a rollback; the attempt may go on, call it again, or fail
   * @throws TaskRescuedError if the task no longer belongs to this attempt; nothing was written
   * @throws UnavailableError if the database does not answer. Nothing was written, unless the end
   *   of the worker or the task also cut off the search for a commit whose answer was lost: then
   *   the row decides
   */
  transaction<Result>(work: (em: EntityManager) => Promise<Result> | Result): Promise<Result>;
}
