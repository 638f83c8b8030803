import type { Signals } from "../../broker/signals.ts";
import { UnavailableError } from "../../errors.ts";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import { Fifo } from "../../lib/async/fifo.ts";
import { LOG_LEVELS, type LogFields, type Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { NewLogLine, StoredLines, TaskLogStore } from "../../store/logs/task-log-store.ts";
import { logLevelRank, type TaskLogLevel } from "../../task/records/log-line.ts";
import type { RunContext } from "../attempt/run-context.ts";
import { AttemptLines } from "./attempt-lines.ts";
import { fieldsText, messageText } from "./log-text.ts";
import { nextTurn } from "../../lib/async/event-loop.ts";

export interface LogWriterOptions {
  /** Lines below this level are not stored. */
  readonly level: (typeof LOG_LEVELS)[number];
  /** The largest number of lines of one task. */
  readonly maxLines: number;
  /** Pause between two batches when no outcome waits for one, in milliseconds. @default 50 */
  readonly pauseMs?: number;
  /** How long an attempt's outcome waits for its last lines, in milliseconds. @default 1_000 */
  readonly patienceMs?: number;
  /** The largest number of lines that wait for the database. @default 50_000 */
  readonly maxWaiting?: number;
}

export interface LogWriterParts {
  readonly store: Pick<TaskLogStore, "append" | "trim">;
  readonly signals: Pick<Signals, "publish">;
  readonly log: Logger;
}

interface Waiting {
  readonly lines: AttemptLines;
  readonly line: NewLogLine;
}

const MAX_BATCH = 2_000;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 8 * 1024;
const MAX_FIELDS_BYTES = 8 * 1024;
const RETRY_MS = 2 * SECOND;

/**
 * Stores the logs of tasks in batches: one statement at a time, for all lines that came meanwhile.
 * Only the outcome of an attempt that has logged waits for it, and not for long. Lines are dropped
 * when the database is too slow, and counted in a last line of the attempt.
 */
export class LogWriter {
  readonly #attempts = new Map<RunContext, AttemptLines>();
  readonly #waiting = new Fifo<Waiting>();
  readonly #watchers = new LogWatchers();
  readonly #outage: OutageLog;
  readonly #refusals = new LogLimit(MINUTE);
  #level: number;
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #wroteAt = -Infinity;
  #hurry = false;
  #givenUp = false;

  constructor(
    private readonly parts: LogWriterParts,
    private readonly options: LogWriterOptions,
  ) {
    this.#level = LOG_LEVELS.indexOf(options.level);
    this.#outage = new OutageLog(
      parts.log,
      "Task logs cannot be stored; lines wait, and are dropped above the limit",
    );
  }

  /** Sets the level below which lines are not stored. */
  setLevel(level: LogWriterOptions["level"]): void {
    this.#level = LOG_LEVELS.indexOf(level);
  }

  /** Accepts a record of an attempt's log. Never throws and never waits. */
  keep = (
    context: RunContext,
    level: TaskLogLevel,
    message: unknown,
    fields: LogFields | undefined,
  ): void => {
    // Code that ignores its abort may still log after the end of its attempt.
    if (logLevelRank(level) < this.#level || context.over || this.#givenUp) return;
    const lines = this.#linesOf(context);
    if (lines.taken >= lines.allowance || this.#isFull()) lines.dropped += 1;
    else
      this.#push(lines, {
        level,
        message: messageText(message, MAX_MESSAGE_BYTES),
        fields: fieldsText(fields, MAX_FIELDS_BYTES),
      });
  };

  /**
   * Ends the log of an attempt. Resolves when its lines are stored, or after the longest wait; null
   * when it has none.
   */
  ended(context: RunContext): Promise<void> | null {
    context.over = true;
    const lines = this.#attempts.get(context);
    if (!lines) return null;
    this.#attempts.delete(context);
    if (lines.dropped > 0) this.#push(lines, droppedLine(lines.dropped, lines.taken));
    if (lines.pending === 0) return null;
    const stored = Promise.withResolvers<void>();
    const timer = setTimeout(() => lines.finish(), this.options.patienceMs ?? SECOND);
    lines.onStored = () => {
      clearTimeout(timer);
      stored.resolve();
    };
    this.#hurry = true;
    this.#schedule();
    return stored.promise;
  }

  /** Marks tasks whose logs a subscriber watches. */
  watch(taskIds: readonly string[]): void {
    this.#watchers.note(taskIds);
  }

  /** Notifies watchers that the outcome of an attempt is recorded. */
  recorded(taskId: string): void {
    if (this.#watchers.has(taskId))
      this.parts.signals.publish({ type: "logs", taskIds: [taskId], ended: true });
  }

  /** Resolves when all lines are stored. After `withinMs` it drops the rest and all later lines. */
  async stop(withinMs: number): Promise<void> {
    const timer = setTimeout(() => (this.#givenUp = true), withinMs);
    while (this.#waiting.size > 0 || this.#running) {
      this.#hurry = true;
      this.#schedule();
      await (this.#running ?? nextTurn());
    }
    clearTimeout(timer);
    this.#givenUp = true;
  }

  #linesOf(context: RunContext): AttemptLines {
    const known = this.#attempts.get(context);
    if (known) return known;
    const { id, version, attempt } = context.task.summary;
    const lines = new AttemptLines(id, version, attempt, this.options.maxLines);
    this.#attempts.set(context, lines);
    return lines;
  }

  #isFull(): boolean {
    return (
      this.#waiting.size >= (this.options.maxWaiting ?? 50_000) || this.#waitingBytes >= MAX_WAITING_BYTES
    );
  }

  #push(lines: AttemptLines, part: Pick<NewLogLine, "level" | "message" | "fields">): void {
    const line = lines.take(part);
    this.#waitingBytes += bytesOf(line);
    this.#waiting.push({ lines, line });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#running) return;
    if (this.#hurry) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      this.#hurry = false;
      this.#running = this.#write();
      return;
    }
    const pause = Math.max(0, this.#wroteAt + (this.options.pauseMs ?? 50) - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#running ??= this.#write();
    }, pause);
  }

  /** Writes one batch. It waits for the next turn, so that it includes the lines of this one. */
  async #write(): Promise<void> {
    await nextTurn();
    this.#wroteAt = performance.now();
    const batch = this.#takeBatch();
    if (batch.length > 0) await this.#store(batch);
    this.#running = null;
    for (const { lines } of batch) lines.settle();
    if (this.#waiting.size > 0) this.#schedule();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    while (this.#waiting.size > 0 && batch.length < MAX_BATCH && bytes < MAX_BATCH_BYTES) {
      const next = this.#waiting.shift()!;
      bytes += bytesOf(next.line);
      batch.push(next);
    }
    this.#waitingBytes -= bytes;
    return batch;
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    for (let pause = 50; !this.#givenUp; pause = Math.min(pause * 2, RETRY_MS)) {
      try {
        const stored = await this.parts.store.append(batch.map(({ line }) => line));
        this.#outage.over();
        this.#notify(stored);
        return await this.#makeRoom(batch, stored);
      } catch (error) {
        if (!(error instanceof UnavailableError)) return this.#splitAndStore(batch, error);
        this.#outage.note(error);
        await new Promise((resolve) => setTimeout(resolve, pause / 2 + (Math.random() * pause) / 2));
      }
    }
  }

  /** Splits a batch that the database refused: one bad line must not drop the others. */
  async #splitAndStore(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) {
      const { lines } = batch[0]!;
      lines.dropped += 1;
      this.#refusals.pass(() =>
        this.parts.log.error("PostgreSQL refused a line of a task log; it was dropped", {
          taskId: lines.taskId,
          err: error,
        }),
      );
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.#store(batch.slice(0, half));
    await this.#store(batch.slice(half));
  }

  #notify(stored: readonly StoredLines[]): void {
    const taskIds = stored.map(({ taskId }) => taskId).filter((id) => this.#watchers.has(id));
    if (taskIds.length > 0) this.parts.signals.publish({ type: "logs", taskIds, ended: false });
  }

  async #makeRoom(batch: readonly Waiting[], stored: readonly StoredLines[]): Promise<void> {
    // Only the first line of an attempt shows how many lines earlier attempts have left.
    const first = new Map(
      batch.filter(({ line }) => line.line === 1).map(({ lines }) => [lines.taskId, lines]),
    );
    for (const { taskId, version, first: position } of stored) {
      const lines = first.get(taskId);
      if (position === 1 || lines?.version !== version) continue;
      const before = lines.makeRoom(position);
      // Without the deletion the log is only longer; the next attempt deletes.
      if (before !== null) await this.parts.store.trim(taskId, before).catch(() => undefined);
    }
  }
}

function droppedLine(dropped: number, kept: number): Pick<NewLogLine, "level" | "message" | "fields"> {
  const message = `${dropped} more lines of this attempt were dropped: there were too many, or the database was too slow. ${kept} are kept.`;
  return { level: "WARN", message, fields: null };
}

/** The approximate size of a line in memory. */
function bytesOf({ message, fields }: NewLogLine): number {
  return 200 + message.length + (fields?.length ?? 0);
}

/** A watcher repeats its signal every few seconds. */
const FORGET_AFTER_MS = 15 * SECOND;
const MAX_WATCHED = 10_000;

/** Tasks whose logs are watched now: only their new lines are worth a signal. */
class LogWatchers {
  /** When the watch of a task ends; the oldest first. */
  readonly #until = new Map<string, number>();

  note(taskIds: readonly string[]): void {
    const now = performance.now();
    for (const id of taskIds) {
      this.#until.delete(id); // Moves it to the end.
      this.#until.set(id, now + FORGET_AFTER_MS);
    }
    for (const [id, until] of this.#until) {
      if (until > now && this.#until.size <= MAX_WATCHED) break;
      this.#until.delete(id);
    }
  }

  has(taskId: string): boolean {
    if (this.#until.size === 0) return false;
    return (this.#until.get(taskId) ?? 0) > performance.now();
  }
}
