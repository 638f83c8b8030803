import type { Publisher } from "../../engine/events/publisher.ts";
import { Allowance } from "../../lib/async/allowance.ts";
import { MINUTE } from "../../lib/clock.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { ClaimedTask, TaskStore } from "../../store/tasks/task-store.ts";
import { readEmission, type TaskEmission } from "../../task/call/emission.ts";
import type { TaskProgress } from "../../task/records/task.ts";
import { hideIn, hideValues } from "../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";
import { messageText, plainText } from "../logs/log-text.ts";

/** Events per second of one attempt. */
const PER_SECOND = 100;
/** Events that a child process has already limited may arrive in bursts. */
const RELAYED_PER_SECOND = 2 * PER_SECOND;
/**
 * Events per second of all attempts of a worker. Events stay in memory for a while, here and in
 * Redis.
 */
const WORKER_PER_SECOND = 2_000;
const WORKER_KIB_PER_SECOND = 2_048;

/** The attempt that reports. */
export interface ReportingAttempt {
  readonly task: ClaimedTask;
  /** Values of its input that must not be shown. */
  readonly secrets: Secrets;
  /** Whether it has ended, although its code may still run. */
  readonly over: boolean;
}

/** Receives what attempts report. */
export interface ReportSink {
  /** An attempt has newer progress. */
  readonly onProgress: (reports: AttemptReports) => void;
  /**
   * An attempt emitted an event. Returns false when the worker's attempts emit too much.
   *
   * @default no receiver
   */
  readonly onEmit?: (reports: AttemptReports, emission: TaskEmission, bytes: number) => boolean;
}

/**
 * The progress and the events (`ctx.emit`) of one attempt. Events above its rate are dropped and
 * counted.
 */
export class AttemptReports {
  /** The latest progress of the attempt. */
  latest: TaskProgress | null = null;
  /** The latest progress that is stored and published. */
  stored: TaskProgress | null = null;
  readonly #own = new Allowance(PER_SECOND);
  readonly #relayed = new Allowance(RELAYED_PER_SECOND);
  #dropped = 0;

  constructor(
    private readonly attempt: ReportingAttempt,
    private readonly sink: ReportSink,
  ) {}

  get task(): ClaimedTask {
    return this.attempt.task;
  }

  progress = (current: number, total?: number, message?: string): void => {
    if (!Number.isFinite(current) || (total !== undefined && !Number.isFinite(total))) {
      throw new TypeError(
        `ctx.progress: expected finite numbers for current and total, got ${String(current)} and ${String(total)}.`,
      );
    }
    this.latest = {
      current,
      total: total ?? null,
      message: (message ?? null) === null ? null : this.#shownMessage(message),
      updatedAt: new Date(),
    };
    this.sink.onProgress(this);
  };

  /** @throws TypeError for a type or payload that cannot be emitted */
  emit = (type: unknown, payload: unknown): void => {
    if (!this.attempt.over) this.#pass(this.#own, type, payload);
  };

  /**
   * Emits an event that a child process has already limited.
   *
   * @throws TypeError
   */
  relay(type: unknown, payload: unknown): void {
    this.#pass(this.#relayed, type, payload);
  }

  /** Returns how many events were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #pass(allowance: Allowance, type: unknown, payload: unknown): void {
    const { emission, bytes } = readEmission(type, payload);
    if (!allowance.take() || !this.#emit(emission, bytes)) this.#dropped += 1;
  }

  #emit({ type, payload }: TaskEmission, bytes: number): boolean {
    const { secrets } = this.attempt;
    const shown = { type: hideValues(type, secrets), payload: hideIn(payload, secrets) };
    return this.sink.onEmit?.(this, shown, bytes) ?? true;
  }

  /** Values are hidden before the message is cut: half of a value would not be recognized. */
  #shownMessage(message: unknown): string {
    const hidden = hideValues(plainText(message), this.attempt.secrets);
    return messageText(hidden, 2_000).slice(0, 500).toWellFormed();
  }
}

/** Publishes the events of a worker's attempts. */
export class Emitter {
  readonly #events = new Allowance(WORKER_PER_SECOND);
  readonly #kib = new Allowance(WORKER_KIB_PER_SECOND);

  constructor(private readonly publisher: Pick<Publisher, "publish">) {}

  /** Returns false when the worker's attempts together have emitted too much in this second. */
  emit = (reports: AttemptReports, emitted: TaskEmission, bytes: number): boolean => {
    if (!this.#events.take() || !this.#kib.take(Math.ceil(bytes / 1024))) return false;
    // Subscribers receive stored progress only: newer progress has its own event.
    const task = { ...reports.task.summary, progress: reports.stored };
    this.publisher.publish([{ kind: "task", type: "EMITTED", at: new Date(), task, emitted }]);
    return true;
  };
}

/** Stores and publishes the latest progress of running tasks, a few times a second. */
export class ProgressReporter {
  readonly #dirty = new Set<AttemptReports>();
  readonly #failureLog = new LogLimit(MINUTE);
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> | null = null;
  #stopped = false;

  constructor(
    private readonly store: Pick<TaskStore, "saveProgress">,
    private readonly publisher: Publisher,
    private readonly onError: (error: unknown) => void,
    /** Pause between writes, in milliseconds. */
    private readonly everyMs = 200,
  ) {}

  report = (reports: AttemptReports): void => {
    // Code that ignores its abort may still run after the stop.
    if (this.#stopped) return;
    this.#dirty.add(reports);
    this.#saveSoon();
  };

  /** Forgets an attempt that has ended: its outcome carries its last progress. */
  forget(reports: AttemptReports): void {
    this.#dirty.delete(reports);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dirty.clear();
    await this.#saving;
  }

  /** Writes the progress that is newer than the stored one. */
  async save(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const rows = dirty.map(({ task: { summary }, latest }) => ({
      taskId: summary.id,
      workerId: summary.workerId,
      version: summary.version,
      progress: latest!,
    }));
    try {
      const stored = new Set(rows.length > 0 ? await this.store.saveProgress(rows) : []);
      const saved = dirty.filter(({ task }) => stored.has(task.summary.id));
      for (const reports of saved) reports.stored = reports.latest;
      this.publisher.publish(
        saved.map(({ task: { summary }, latest }) => {
          const progress = latest!;
          const task = { ...summary, progress };
          return { kind: "task", type: "PROGRESS", at: progress.updatedAt, task };
        }),
      );
    } catch (error) {
      this.#failureLog.pass(() => this.onError(error)); // The next report contains it all again.
    }
  }

  /** One write at a time: of two concurrent writes the older one could commit last. */
  #saveSoon(): void {
    if (this.#timer || this.#saving) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#saving = this.save().finally(() => {
        this.#saving = null;
        if (this.#dirty.size > 0) this.#saveSoon();
      });
    }, this.everyMs);
  }
}
