import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { DurationInput } from "../../lib/duration.ts";
import type { LogFields, Logger } from "../../lib/log.ts";
import type { Json } from "../../lib/json.ts";
import type { ClaimedTask } from "../../store/tasks/task-store.ts";
import type { EntityManager, TaskContext } from "../../task/definition/context.ts";
import type { EnqueuedTask } from "../../task/call/enqueue-options.ts";
import { RateLimitedTask, SnoozeTask } from "../../task/retry/control-errors.ts";
import type { Middleware } from "../../task/definition/middleware.ts";
import type { TaskEmission } from "../../task/call/emission.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import { hideIn, hideValues } from "../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";
import type { TaskSchedule } from "../../task/schedule/schedule.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { TaskProgress } from "../../task/records/task.ts";
import type { TimeLimits } from "../../task/limits/time-limits.ts";
import { AttemptEmissions } from "./emissions.ts";
import { messageText, plainText } from "../logs/log-text.ts";
import { RunLog } from "../logs/run-log.ts";
import { OwnCalls } from "./own-calls.ts";
import { OwnEnqueues } from "./own-enqueues.ts";

const NO_SECRETS: Secrets = {};

/** What all attempts of one worker share. */
export interface RunHost {
  readonly workerName: string;
  readonly log: Logger;
  /** Whether `log` says by itself which attempt it is of. @default false: `ctx.log` adds fields that do */
  readonly logIsBound?: boolean;
  /** Told of each record of an attempt's own log. @default nobody */
  readonly onLog?: (
    context: RunContext,
    level: TaskLogLevel,
    message: unknown,
    fields: LogFields | undefined,
  ) => void;
  /** Told that there is newer progress. */
  readonly onProgress: (context: RunContext) => void;
  /** Told what an attempt emits; returns false where that is too much. @default nobody */
  readonly onEmit?: (context: RunContext, emission: TaskEmission, bytes: number) => boolean;
  /** The time limits that hold for a task. @default its own */
  readonly limitsOf?: (task: ClaimedTask) => TimeLimits;
  /** What wraps the task's own code. @default [] */
  readonly middleware?: readonly Middleware[];
  /** Told that a task's code held up the process. */
  readonly onLongTurn: (context: RunContext) => void;
  /** Runs an attempt's own writes in a transaction that records its success. */
  readonly transact: <Result>(context: RunContext, work: OwnWrites<Result>) => Promise<Result>;
  /** Takes a task that an attempt's own code asks for; resolves when it is committed. */
  readonly enqueue: (context: RunContext, request: EnqueueRequest) => Promise<EnqueuedTask>;
}

/** What a task's own code does in its transaction; what it returns is the output. */
export type OwnWrites<Result> = (em: EntityManager) => Promise<Result> | Result;

const NO_MIDDLEWARE: readonly Middleware[] = [];

function ownLimits({ timeLimitMs, options }: Pick<ClaimedTask, "timeLimitMs" | "options">): TimeLimits {
  return { softMs: options?.softTimeLimitMs ?? null, hardMs: timeLimitMs };
}

function snooze(delay: DurationInput): never {
  throw new SnoozeTask(delay);
}

function rateLimited(delay: DurationInput): never {
  throw new RateLimitedTask(delay);
}

/**
 * One attempt under way: what the task's own code sees, and what the worker holds of it. Its signal, its log and its `progress` are made
 * when first asked for: most tasks ask for none of them.
 */
export class RunContext implements TaskContext {
  #controller: AbortController | null = null;
  #log: Logger | null = null;
  #workerLog: Logger | null = null;
  #progress: TaskContext["progress"] | null = null;
  #emit: TaskContext["emit"] | null = null;
  #emissions: AttemptEmissions | null = null;
  #enqueues: OwnEnqueues | null = null;
  #calls: OwnCalls | null = null;
  #abortReason: Error | null = null;
  #softReason: Error | null = null;
  #limits: TimeLimits | null = null;
  #onAbort: ((reason: Error) => void) | null = null;
  #abandoned: AbortController | null = null;
  /** The task's own transaction while it is open. */
  transacting: Promise<unknown> | null = null;
  /** What the task's own transaction made of it, once that is committed: final. */
  recorded: TaskState | null = null;
  /** The newest report of the task. */
  latestProgress: TaskProgress | null = null;
  /** The newest report that is stored and told. */
  toldProgress: TaskProgress | null = null;
  /** Whether the attempt has ended, though its code may go on: what it says then is not heard. */
  over = false;
  /** Its place among the attempts of its worker: see `IntrusiveSet`. */
  place = -1;
  input: unknown = undefined;
  /** Values of the input that must not be shown. */
  secrets: Secrets = NO_SECRETS;
  readonly #begunAt = performance.now();

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
  /** The incarnation that claimed the task: the worker itself may have begun again since. */
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
    if (!this.#controller) {
      this.#controller = new AbortController();
      const reason = this.#softReason ?? this.#abortReason;
      if (reason) this.#controller.abort(reason);
    }
    return this.#controller.signal;
  }

  get middleware(): readonly Middleware[] {
    return this.host.middleware ?? NO_MIDDLEWARE;
  }

  get limits(): TimeLimits {
    this.#limits ??= (this.host.limitsOf ?? ownLimits)(this.task);
    return this.#limits;
  }

  get deadline(): Date | null {
    const { hardMs } = this.limits;
    return hardMs === null ? null : new Date(Date.now() + hardMs - (performance.now() - this.#begunAt));
  }

  get log(): Logger {
    this.#log ??= new RunLog(
      this.workerLog,
      (level, message, fields) => this.host.onLog?.(this, level, message, fields),
      () => this.secrets,
    );
    return this.#log;
  }

  /** What the worker itself says of the attempt: not kept with the task, which has its outcome. */
  get workerLog(): Logger {
    const { log, logIsBound = false } = this.host;
    this.#workerLog ??= logIsBound
      ? log
      : log.child({ taskId: this.id, task: this.name, attempt: this.attempt });
    return this.#workerLog;
  }

  /** A function of its own, so that `const { progress } = ctx` works. */
  get progress(): TaskContext["progress"] {
    this.#progress ??= (current, total, message) => this.#report(current, total, message);
    return this.#progress;
  }

  /** A function of its own, as `progress`. */
  get emit(): TaskContext["emit"] {
    this.#emit ??= (type, payload) => {
      if (!this.over) this.#emitting.emit(type, payload);
    };
    return this.#emit;
  }

  /** Tells what a child process has let through. @throws TypeError */
  relay(type: string, payload: unknown): void {
    this.#emitting.relay(type, payload);
  }

  /** Says in the task's log what was not told. */
  logDropped(): void {
    const dropped = this.#emissions?.takeDropped() ?? 0;
    if (dropped > 0)
      this.log.warn(`${dropped} events of ctx.emit were dropped: there were too many a second.`);
  }

  /** A function of its own, as `progress` is. */
  get snooze(): TaskContext["snooze"] {
    return snooze;
  }

  get rateLimited(): TaskContext["rateLimited"] {
    return rateLimited;
  }

  /** The time by the database's clock, as far as this process can tell: that of the claim, and what has passed since. */
  now(): number {
    return this.startedAt.getTime() + performance.now() - this.#begunAt;
  }

  get transaction(): TaskContext["transaction"] {
    return (work) => this.#track(this.#transact(work));
  }

  get enqueue(): TaskContext["enqueue"] {
    this.#enqueues ??= new OwnEnqueues(
      (request) => this.relayEnqueue(request),
      () => this.over,
    );
    const enqueues = this.#enqueues;
    return (definition, input, options) => this.#track(enqueues.enqueue(definition, input, options));
  }

  /** @throws what a call failed with that the code has not waited for */
  checkCalls(): void {
    this.#calls?.check();
  }

  /** Takes what a child process asks for. */
  relayEnqueue(request: EnqueueRequest): Promise<EnqueuedTask> {
    return this.host.enqueue(this, request);
  }

  /** What its code enqueues; null while that is nothing. */
  get ownEnqueues(): OwnEnqueues | null {
    return this.#enqueues;
  }

  /** Aborts when nobody waits for the attempt any more, though its code may go on. */
  get abandoned(): AbortSignal {
    this.#abandoned ??= new AbortController();
    return this.#abandoned.signal;
  }

  abandon(reason: Error): void {
    this.#abandoned ??= new AbortController();
    this.#abandoned.abort(reason);
  }

  /**
   * Ends a transaction that the code has left by an error: it holds a connection, and rows, that others need. One whose commit is on its
   * way is waited for.
   */
  async leaveTransaction(reason: Error): Promise<void> {
    this.abandon(reason);
    await this.transacting?.catch(() => undefined);
  }

  /** Gives the code its whole input, whose sensitive fields are not in the row's. */
  reveal({ input, secrets }: { readonly input: Json; readonly secrets: Secrets }): void {
    const { hidden: _hidden, ...options } = this.task.options ?? {};
    this.task = { ...this.task, input, options };
    this.secrets = secrets;
  }

  /** Why the attempt should end early; null while it should not. */
  get abortReason(): Error | null {
    return this.#abortReason;
  }

  /** Asks the attempt to end. The first reason counts. */
  abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    this.#onAbort?.(reason);
  }

  /** Asks the attempt to come to a good end: it is not ended, and may still succeed. False when there was a reason before. */
  abortSoftly(reason: Error): boolean {
    if (this.#abortReason || this.#softReason) return false;
    this.#softReason = reason;
    this.#controller?.abort(reason);
    return true;
  }

  /** Tells the one who waits for the attempt, at once if it was aborted already. */
  onAbort(listener: (reason: Error) => void): void {
    this.#onAbort = listener;
    if (this.#abortReason) listener(this.#abortReason);
  }

  get #emitting(): AttemptEmissions {
    this.#emissions ??= new AttemptEmissions(
      (emission, bytes) => this.host.onEmit?.(this, this.#shown(emission), bytes) ?? true,
    );
    return this.#emissions;
  }

  #shown({ type, payload }: TaskEmission): TaskEmission {
    return { type: hideValues(type, this.secrets), payload: hideIn(payload, this.secrets) };
  }

  async #transact<Result>(work: OwnWrites<Result>): Promise<Result> {
    if (this.transacting || this.recorded !== null) {
      const state = this.transacting ? "is open" : "was committed, and the task is done";
      throw new Error(
        `ctx.transaction can be used once in a task: its transaction ${state}. Put all writes into one call of it.`,
      );
    }
    const transacting = this.host.transact(this, work);
    this.transacting = transacting;
    try {
      return await transacting;
    } finally {
      this.transacting = null;
    }
  }

  #track<Value>(call: Promise<Value>): Promise<Value> {
    this.#calls ??= new OwnCalls();
    return this.#calls.track(call);
  }

  tellLongTurn(): void {
    this.host.onLongTurn(this);
  }

  #report(current: number, total?: number, message?: string): void {
    if (!Number.isFinite(current) || (total !== undefined && !Number.isFinite(total))) {
      throw new TypeError(
        `progress(current, total, message) takes finite numbers; got ${String(current)} and ${String(total)}.`,
      );
    }
    // Hidden before it is cut: the half of a value would not be known again.
    const text =
      (message ?? null) === null
        ? null
        : messageText(hideValues(plainText(message), this.secrets), 2_000)
            .slice(0, 500)
            .toWellFormed();
    this.latestProgress = { current, total: total ?? null, message: text, updatedAt: new Date() };
    this.host.onProgress(this);
  }
}
