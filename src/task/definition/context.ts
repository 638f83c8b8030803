// oxlint-disable-next-line no-restricted-imports -- a type only: what a task's own code writes with
import type { EntityManager } from "@mikro-orm/postgresql";
import type { DurationInput } from "../../lib/duration.ts";
import type { Logger } from "../../lib/log.ts";
import type { TaskDefinition } from "./definition.ts";
import type { EnqueuedTask, EnqueueOptions } from "../call/enqueue-options.ts";
import type { TaskSchedule } from "../schedule/schedule.ts";

export type { EntityManager };

/** What a running task knows and may do: the second argument of `run`. */
export interface TaskContext<Input = unknown> {
  /** The task's id: the same in every attempt. */
  readonly id: string;
  readonly name: string;
  /** The input as the schema parsed it. */
  readonly input: Input;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly queue: string;
  readonly tags: readonly string[];
  /** What the caller gave as `idempotencyKey`, else the task's id: the same in every attempt, for guarding outside effects. */
  readonly idempotencyKey: string;
  /** The schedule that made this task, its name then, and the slot (null for a run that somebody asked for); null for any other task. */
  readonly schedule: TaskSchedule | null;
  readonly workerId: string;
  readonly workerName: string;
  readonly createdAt: Date;
  readonly startedAt: Date;
  /**
   * Aborts when the task is cancelled, passes its soft time limit or its time limit, or its worker must leave; the reason says which. It aborts
   * once: after the soft limit nothing tells of what follows, so come to an end.
   */
  readonly signal: AbortSignal;
  /** When the attempt is ended by its time limit; null without one. */
  readonly deadline: Date | null;
  /**
   * Each record goes to the worker's log, with the task's id, name and attempt; and, from the setting `taskLogLevel` on, to the task's own log,
   * which holds `taskLogLines` lines. Takes anything, never throws, never waits.
   */
  readonly log: Logger;
  /** Tells how far the work is. Cheap: the newest report is written a few times a second. */
  progress(current: number, total?: number, message?: string): void;
  /**
   * Tells subscribers of the task something of your own, in order and at once; it is not stored with the task. At most 100 a second of one
   * task, and 2,000 or 2 MiB a second of one worker: what is above is dropped, and the task's log says how many.
   *
   * @param type a letter, then up to 127 letters, digits, "_", ".", ":" or "-"
   * @param payload what JSON makes of it, up to 16 KiB @default null
   * @throws TypeError for a type or a payload that cannot be told
   */
  emit(type: string, payload?: unknown): void;
  /**
   * Enqueues another task, whose parent this one is. When it resolves that task is committed, whatever becomes of this attempt: another attempt
   * enqueues again, unless it gives the same `idempotencyKey`, such as `${ctx.id}:receipt`. An attempt that ends well waits for those that it
   * has asked for. In `ctx.transaction` it would be no part of the transaction: there, use `app.enqueue` with `em`.
   *
   * @throws RefusedError when the input or the options are not acceptable, or the worker does not know the definition; nothing was enqueued
   * @throws UnavailableError when the database does not answer. Whether the task exists is then unknown: enqueue it again with the same
   *   `idempotencyKey`
   * @throws TypeError within a transaction of the embedded database, which has one connection; and for what is no definition
   * @throws Error when the attempt has ended, though its code goes on
   */
  enqueue<I, O>(definition: TaskDefinition<I, O>, input: I, options?: EnqueueOptions): Promise<EnqueuedTask>;
  /**
   * Ends the attempt without a result: the task runs again after `delay` (at most 365 days). No attempt is charged and nothing has failed, so it
   * works as often as it is called: for what is not ready yet. It throws a `SnoozeTask`, so a `catch` around it must let that pass.
   */
  snooze(delay: DurationInput): never;
  /**
   * As `snooze`, and until then no other task of the definition starts either, on any worker: for an answer such as HTTP 429. Of a definition
   * that has neither `rateLimit` nor `concurrency` only this task waits. It throws a `RateLimitedTask`.
   */
  rateLimited(delay: DurationInput): never;
  /**
   * Runs `work` in a transaction of the app's database that also records the task's SUCCESS: what `work` writes through `em` and the SUCCESS
   * are committed together, or neither is. What it returns is the task's output. Once a task, as its last step: after the commit nothing
   * that `run` returns or throws changes the task any more.
   *
   * `em` takes plain SQL (`em.execute("insert …", […])`). Keep it short: the transaction holds one of the app's connections (of the embedded
   * database the only one), and 30 s without a statement end it.
   *
   * @throws what `work` throws; everything is rolled back then, and the attempt may go on, call it again, or fail
   * @throws TaskRescuedError when the task is no longer this attempt's; nothing was written
   * @throws UnavailableError when the database does not answer. Nothing was written, unless the worker's stop or the task's end also cut off
   *   the search for a commit whose answer was lost: then it is unknown, and the row decides
   */
  transaction<Result>(work: (em: EntityManager) => Promise<Result> | Result): Promise<Result>;
}
