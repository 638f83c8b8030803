import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { DurationInput } from "../../lib/duration.ts";
import type { Json } from "../../lib/json/json.ts";
import type { LogFields, Logger } from "../../lib/log/log.ts";
import type { ClaimedTask } from "../../store/tasks/task-store.ts";
import type { EnqueuedTask } from "../../task/call/enqueue-options.ts";
import type { TaskContext } from "../../task/definition/context.ts";
import {
  DeclaredError,
  type DeclaredErrorOptions,
  type ErrorSchemas,
} from "../../task/definition/declared-errors.ts";
import type { Middleware } from "../../task/definition/middleware.ts";
import type { TimeLimits } from "../../task/limits/time-limits.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import { RateLimitedTask, SnoozeTask } from "../../task/retry/control-errors.ts";
import type { TaskSchedule } from "../../task/schedule/schedule.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";
import { RunLog } from "../logs/run-log.ts";
import { AttemptAbort } from "./abort.ts";
import { type Committed, OwnCalls, type TransactionWork } from "./own-calls.ts";
import { AttemptReports, type ReportSink } from "./reports.ts";

const NO_SECRETS: Secrets = {};
const NO_MIDDLEWARE: readonly Middleware[] = [];

/** What all attempts of one worker, or of one child, share. */
export interface RunHost extends ReportSink {
  readonly workerName: string;
  readonly log: Logger;
  /**
   * Whether the records of `log` already name the attempt.
   *
   * @default false: `ctx.log` adds the fields
   */
  readonly logIsBound?: boolean;
  /** Receives each record of `ctx.log`. @default no receiver */
  readonly onLog?: (
    context: RunContext,
    level: TaskLogLevel,
    message: unknown,
    fields: LogFields | undefined,
  ) => void;
  /** Returns the time limits of a task. @default those that were stored with it */
  readonly limitsOf?: (task: ClaimedTask) => TimeLimits;
  /** Middleware around the task's code. @default [] */
  readonly middleware?: readonly Middleware[];
  /** A task's code blocked the event loop. */
  readonly onLongTurn: (context: RunContext) => void;
  /** Runs an attempt's own writes in a transaction that records its success. */
  readonly transact: <Result>(
    context: RunContext,
    work: TransactionWork<Result>,
  ) => Promise<Committed<Result>>;
  /** Enqueues a task for an attempt's code; resolves when it is committed. */
  readonly enqueue: (context: RunContext, request: EnqueueRequest) => Promise<EnqueuedTask>;
}

function storedLimits({ timeLimitMs, options }: Pick<ClaimedTask, "timeLimitMs" | "options">): TimeLimits {
  return { softMs: options?.softTimeLimitMs ?? null, hardMs: timeLimitMs };
}

function snooze(delay: DurationInput): never {
  throw new SnoozeTask(delay);
}

function declared(name: string, data: unknown, options?: DeclaredErrorOptions): DeclaredError {
  return new DeclaredError(name, data, options);
}

function rateLimited(delay: DurationInput): never {
  throw new RateLimitedTask(delay);
}

/**
 * One attempt: the `ctx` of the task's code, and the state that the worker keeps of it. Its log,
 * its reports and its own calls are created on first use: most tasks use none of them.
 */
export class RunContext implements TaskContext {
  readonly abort = new AttemptAbort();
  /**
   * Whether the attempt has ended, although its code may still run. Later logs and events are
   * ignored.
   */
  over = false;
  /** Its index among the attempts of its worker: see `IntrusiveSet`. */
  setIndex = -1;
  /** The parsed input. */
  input: unknown = undefined;
  /** Values of the input that must not be shown. */
  secrets: Secrets = NO_SECRETS;
  /** The reports of the attempt; null when it has made none. */
  reportsIfAny: AttemptReports | null = null;
  /** The calls of the attempt's code; null when it has made none. */
  callsIfAny: OwnCalls | null = null;
  #log: Logger | null = null;
  #workerLog: Logger | null = null;
  #limits: TimeLimits | null = null;
  readonly #startedAt = performance.now();

  constructor(
    public task: ClaimedTask,
    private readonly host: RunHost,
  ) {}

  get id(): string {
    return this.task.summary.id;
  }
  get name(): string {
    return this.task.summary.name;
  }
  /** The incarnation that claimed the task. The worker may have a newer one. */
  get workerId(): string {
    return this.task.summary.workerId;
  }
  get attempt(): number {
    return this.task.summary.attempt;
  }
  get maxAttempts(): number {
    return this.task.summary.maxAttempts;
  }
  get queue(): string {
    return this.task.summary.queue;
  }
  get tags(): readonly string[] {
    return this.task.summary.tags;
  }
  get idempotencyKey(): string {
    return this.task.idempotencyKey ?? this.id;
  }
  get schedule(): TaskSchedule | null {
    return this.task.schedule;
  }
  get workerName(): string {
    return this.host.workerName;
  }
  get createdAt(): Date {
    return this.task.summary.createdAt;
  }
  get startedAt(): Date {
    return this.task.summary.startedAt;
  }
  get signal(): AbortSignal {
    return this.abort.signal;
  }
  get middleware(): readonly Middleware[] {
    return this.host.middleware ?? NO_MIDDLEWARE;
  }
  get snooze(): TaskContext["snooze"] {
    return snooze;
  }
  get error(): TaskContext<unknown, ErrorSchemas>["error"] {
    return declared;
  }
  get rateLimited(): TaskContext["rateLimited"] {
    return rateLimited;
  }

  get limits(): TimeLimits {
    this.#limits ??= (this.host.limitsOf ?? storedLimits)(this.task);
    return this.#limits;
  }

  get deadline(): Date | null {
    const { hardMs } = this.limits;
    return hardMs === null ? null : new Date(Date.now() + hardMs - (performance.now() - this.#startedAt));
  }

  /**
   * The time by the database's clock, as this process knows it: the time of the claim plus the
   * elapsed time.
   */
  now(): number {
    return this.startedAt.getTime() + performance.now() - this.#startedAt;
  }

  get log(): Logger {
    this.#log ??= new RunLog(
      this.workerLog,
      (level, message, fields) => this.host.onLog?.(this, level, message, fields),
      () => this.secrets,
    );
    return this.#log;
  }

  /** The worker's own log of the attempt. It is not stored with the task, which has its outcome. */
  get workerLog(): Logger {
    const { log, logIsBound = false } = this.host;
    this.#workerLog ??= logIsBound
      ? log
      : log.child({ taskId: this.id, task: this.name, attempt: this.attempt });
    return this.#workerLog;
  }

  get reports(): AttemptReports {
    this.reportsIfAny ??= new AttemptReports(this, this.host);
    return this.reportsIfAny;
  }

  /** A bound function, so that `const { progress } = ctx` works. */
  get progress(): TaskContext["progress"] {
    return this.reports.progress;
  }

  /** A bound function, as `progress` is. */
  get emit(): TaskContext["emit"] {
    return this.reports.emit;
  }

  /** Writes into the task's log how many of its events were dropped. */
  logDropped(): void {
    const dropped = this.reportsIfAny?.takeDropped() ?? 0;
    if (dropped > 0)
      this.log.warn(`${dropped} events of ctx.emit were dropped: there were too many a second.`);
  }

  get transaction(): TaskContext["transaction"] {
    return this.#ownCalls.transaction;
  }

  get enqueue(): TaskContext["enqueue"] {
    return this.#ownCalls.enqueue;
  }

  /** Enqueues a task for the attempt's code, which may run in a child. */
  relayEnqueue(request: EnqueueRequest): Promise<EnqueuedTask> {
    return this.host.enqueue(this, request);
  }

  /** Replaces the redacted input of the row by the whole input. */
  reveal({ input, secrets }: { readonly input: Json; readonly secrets: Secrets }): void {
    const { hidden: _hidden, ...options } = this.task.options ?? {};
    this.task = { ...this.task, input, options };
    this.secrets = secrets;
  }

  onLongTurn(): void {
    this.host.onLongTurn(this);
  }

  get #ownCalls(): OwnCalls {
    this.callsIfAny ??= new OwnCalls({
      abort: this.abort,
      isOver: () => this.over,
      enqueue: (request) => this.relayEnqueue(request),
      transact: (work) => this.host.transact(this, work),
    });
    return this.callsIfAny;
  }
}
