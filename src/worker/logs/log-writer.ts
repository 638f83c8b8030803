import type { Signals } from "../../broker/signals.ts";
import { UnavailableError } from "../../errors.ts";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import { Fifo } from "../../lib/fifo.ts";
import { LOG_LEVELS, type LogFields, type Logger } from "../../lib/log.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import { OutageLog } from "../../lib/outage-log.ts";
import type { NewLogLine, StoredLines, TaskLogStore } from "../../store/logs/task-log-store.ts";
import { logLevelRank, type TaskLogLevel } from "../../task/records/log-line.ts";
import type { RunContext } from "../attempt/run-context.ts";
import { AttemptLines } from "./attempt-lines.ts";
import { fieldsText, messageText } from "./log-text.ts";
import { LogWatchers } from "./log-watchers.ts";

export interface LogWriterOptions {
  /** Lines below it are not stored. */
  readonly level: (typeof LOG_LEVELS)[number];
  /** Lines that one task may have. */
  readonly maxLines: number;
  /** Pause between two batches, in milliseconds, where nobody waits for one. @default 50 */
  readonly pauseMs?: number;
  /** How long an attempt's outcome waits for its last lines, in milliseconds. @default 1_000 */
  readonly patienceMs?: number;
  /** Lines that may wait for the database. @default 50_000 */
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
 * Stores what tasks log, in batches: one statement at a time for all that came meanwhile. Nothing here waits but the outcome of an attempt
 * that has logged, and that not for long; what the database is too slow for is dropped, and counted in a last line of the attempt.
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
  #begunAt = -Infinity;
  #hurry = false;
  #givenUp = false;

  constructor(
    private readonly parts: LogWriterParts,
    private readonly options: LogWriterOptions,
  ) {
    this.#level = LOG_LEVELS.indexOf(options.level);
    this.#outage = new OutageLog(
      parts.log,
      "What tasks log cannot be stored; it waits, and what is too much is dropped",
    );
  }

  /** From now on lines below this level are not stored. */
  setLevel(level: LogWriterOptions["level"]): void {
    this.#level = LOG_LEVELS.indexOf(level);
  }

  /** Takes a record of an attempt's log. Never throws, never waits. */
  keep = (
    context: RunContext,
    level: TaskLogLevel,
    message: unknown,
    fields: LogFields | undefined,
  ): void => {
    // An attempt that heeds no abort may go on after its end.
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

  /** The attempt has ended. Resolves when its lines are stored, or have been waited for long enough; null where there are none. */
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

  /** Somebody watches the logs of these tasks. */
  watch(taskIds: readonly string[]): void {
    this.#watchers.note(taskIds);
  }

  /** The end of an attempt is recorded. */
  recorded(taskId: string): void {
    if (this.#watchers.has(taskId))
      this.parts.signals.publish({ type: "logs", taskIds: [taskId], ended: true });
  }

  /** Resolves when all is stored; after so long, the rest is dropped, and with it all that comes later. */
  async stop(withinMs: number): Promise<void> {
    const timer = setTimeout(() => (this.#givenUp = true), withinMs);
    while (this.#waiting.size > 0 || this.#running) {
      this.#hurry = true;
      this.#schedule();
      await (this.#running ?? new Promise((resolve) => setImmediate(resolve)));
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
    const pause = Math.max(0, this.#begunAt + (this.options.pauseMs ?? 50) - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#running ??= this.#write();
    }, pause);
  }

  /** One batch. Begins in the next turn, so that what is logged in this one is in it. */
  async #write(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#begunAt = performance.now();
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
        this.#tell(stored);
        return await this.#makeRoom(batch, stored);
      } catch (error) {
        if (!(error instanceof UnavailableError)) return this.#isolate(batch, error);
        this.#outage.note(error);
        await new Promise((resolve) => setTimeout(resolve, pause / 2 + (Math.random() * pause) / 2));
      }
    }
  }

  /** One line that the database refuses must not take its neighbours with it. */
  async #isolate(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) {
      const { lines } = batch[0]!;
      lines.dropped += 1;
      this.#refusals.pass(() =>
        this.parts.log.error("PostgreSQL refuses a line that a task logged; it is dropped", {
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

  #tell(stored: readonly StoredLines[]): void {
    const taskIds = stored.map(({ taskId }) => taskId).filter((id) => this.#watchers.has(id));
    if (taskIds.length > 0) this.parts.signals.publish({ type: "logs", taskIds, ended: false });
  }

  async #makeRoom(batch: readonly Waiting[], stored: readonly StoredLines[]): Promise<void> {
    // Only the batch with the first line of an attempt that follows others has anything to learn.
    const first = new Map(
      batch.filter(({ line }) => line.line === 1).map(({ lines }) => [lines.taskId, lines]),
    );
    for (const { taskId, version, first: position } of stored) {
      const lines = first.get(taskId);
      if (position === 1 || lines?.version !== version) continue;
      const before = lines.makeRoom(position);
      // Not to have made room harms nothing; the next attempt does.
      if (before !== null) await this.parts.store.trim(taskId, before).catch(() => undefined);
    }
  }
}

function droppedLine(dropped: number, kept: number): Pick<NewLogLine, "level" | "message" | "fields"> {
  const message = `${dropped} more lines of this attempt were dropped: there were too many, or the database was too slow. ${kept} are kept.`;
  return { level: "WARN", message, fields: null };
}

/** About what it holds in memory. */
function bytesOf({ message, fields }: NewLogLine): number {
  return 200 + message.length + (fields?.length ?? 0);
}
