import type { Clock } from "../../lib/clock.ts";
import type { LogOwner, LogPosition } from "../../store/logs/task-log-store.ts";
import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";

/** What a subscription needs of its feed. */
export interface LogHost {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** A reader waits for something that may be there. */
  onWanting(): void;
  /** The task has ended, and its last lines may be on their way. */
  onUnsettled(subscription: LogSubscription): void;
  onEnd(subscription: LogSubscription): void;
}

type Result = IteratorResult<LogItem, undefined>;

/**
 * One reader of one task's log. Lines are read for it only while it waits for some: a slow reader
 * costs no memory, misses nothing, and finds what it has not read in the database. Ends when the
 * task has ended and its last line was given.
 */
export class LogSubscription implements AsyncIterableIterator<LogItem, undefined> {
  #position: number;
  #items: LogItem[];
  #waiting: ((result: Result) => void)[] = [];
  #ended = false;
  /** Something may be there that was not looked for. */
  #due = true;
  /** The worker reported that an attempt is recorded: its last lines were stored before. */
  #endReported = false;
  #lastSentAt: number;

  constructor(
    private readonly host: LogHost,
    private readonly request: LogRequest,
    first: readonly LogItem[] = [],
  ) {
    this.#position = request.after ?? 0;
    this.#items = [...first];
    this.#lastSentAt = host.clock.monotonic();
  }

  get taskId(): string {
    return this.request.taskId;
  }

  /** Whether a look may bring something that somebody waits for. */
  get wanting(): boolean {
    return this.#due && this.#waiting.length > 0;
  }

  [Symbol.asyncIterator] = (): this => this;

  next(): Promise<Result> {
    const item = this.#items.shift();
    if (item) return Promise.resolve({ done: false, value: item });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#due) this.host.onWanting();
    });
  }

  return(): Promise<Result> {
    this.#items = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    this.host.onEnd(this);
  }

  /**
   * There may be something new.
   *
   * @param end an attempt is recorded
   */
  note(end = false): void {
    this.#due = true;
    if (end) this.#endReported = true;
  }

  /** Where the next look begins. What is noted from now on asks for another one. */
  look(limit: number): LogPosition {
    this.#due = false;
    const { taskId, level } = this.request;
    return { taskId, after: this.#position, limit, ...(level === undefined ? {} : { level }) };
  }

  /**
   * Takes what a look has found.
   *
   * @param owner null when the task is not kept any more
   */
  give(lines: readonly LogLine[], owner: LogOwner | null): void {
    if (this.#ended) return;
    const last = lines.at(-1);
    if (last) {
      this.#position = Number(last.cursor);
      this.#due = true; // There may be more, or the end.
      return this.#send({ type: "lines", cursor: last.cursor, lines });
    }
    if (owner === null || (owner.final && (this.#endReported || owner.settled))) return this.end();
    if (owner.final) return this.host.onUnsettled(this);
    this.#endReported = false;
  }

  /** Sends a heartbeat if nothing was sent for so long. */
  sendHeartbeat(silentForMs: number): void {
    const { clock } = this.host;
    if (this.#waiting.length === 0 || clock.monotonic() - this.#lastSentAt < silentForMs) return;
    this.#send({ type: "heartbeat", cursor: String(this.#position), at: clock.now() });
  }

  #send(item: LogItem): void {
    this.#lastSentAt = this.host.clock.monotonic();
    const resolve = this.#waiting.shift();
    if (resolve) resolve({ done: false, value: item });
    else this.#items.push(item);
  }
}

export type LogItem =
  | { readonly type: "lines"; readonly cursor: string; readonly lines: readonly LogLine[] }
  /** Lines after the asked cursor are no longer kept; what follows goes on from this one. */
  | { readonly type: "reset"; readonly cursor: string; readonly reason: string }
  /** No other item for a while. */
  | { readonly type: "heartbeat"; readonly cursor: string; readonly at: Date };

export interface LogRequest {
  readonly taskId: string;
  /** Position of the last line that is known. @default 0, before the first */
  readonly after?: number;
  /** Only lines that are at least so important. @default all */
  readonly level?: TaskLogLevel;
}
