import type { Signals } from "../../broker/signals.ts";
import { UnavailableError } from "../../errors.ts";
import { type Clock, MINUTE, SECOND } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { TaskLogStore } from "../../store/logs/task-log-store.ts";
import { type LogItem, type LogRequest, LogSubscription } from "./log-subscription.ts";
import { nextTurn } from "../../lib/async/event-loop.ts";

export interface LogFeedParts {
  readonly store: Pick<TaskLogStore, "read" | "owners" | "firstKept">;
  readonly signals: Signals;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly log: Logger;
}

export interface LogFeedOptions {
  /**
   * Pause between looks without a signal, in milliseconds: signals of workers may be lost.
   * @default 1_000
   */
  readonly everyMs?: number;
  /**
   * A subscriber that received nothing for this long receives a heartbeat, in milliseconds.
   * @default 15_000
   */
  readonly heartbeatMs?: number;
}

const READERS_PER_LOOK = 100;
const LINES_PER_LOOK = 2_000;
const MAX_LINES = 500;
const MIN_LINES = 20;
/** A pause before another look at a task that has ended just now. */
const SETTLE_MS = 250;
const TASKS_PER_SIGNAL = 1_000;
/** Workers forget after 15 s which logs are watched. */
const WATCH_EVERY_MS = 5 * SECOND;

/**
 * Follows the logs of tasks for the subscribers of a process. Signals carry no lines: workers
 * announce which logs have new ones, and this reads them from the database, for all that wait in
 * one statement. It does nothing while nobody watches.
 */
export class LogFeed {
  readonly #subscriptions = new Map<string, Set<LogSubscription>>();
  readonly #complaints = new LogLimit(MINUTE);
  readonly #interval: Interval;
  #unsubscribe: (() => void) | null = null;
  #looking = false;
  #lookAgain = false;
  #watchedAt = -Infinity;

  constructor(
    private readonly parts: LogFeedParts,
    private readonly options: LogFeedOptions = {},
  ) {
    const everyMs = options.everyMs ?? SECOND;
    this.#interval = new Interval(() => this.poll(), {
      ...{ name: "logFeed", everyMs, maxBackoffMs: everyMs },
      onError: (error) => this.#complain(error),
    });
  }

  /** Tasks whose logs are watched. */
  get watched(): number {
    return this.#subscriptions.size;
  }

  /**
   * The log of a task after a position, and then each new line, to the end of the task; null when
   * there is no such task. To be ended by `return()`, as `for await` does.
   *
   * @throws UnavailableError
   */
  async subscribe(request: LogRequest): Promise<LogSubscription | null> {
    const { taskId, after = 0 } = request;
    const [owner] = await this.parts.store.owners([taskId]);
    if (!owner) return null;
    const first = await this.#missing(taskId, after);
    const host = {
      clock: this.parts.clock,
      onWanting: () => this.#wake(),
      onUnsettled: (ending: LogSubscription) => this.#lookSoon(ending),
      onEnd: (ended: LogSubscription) => this.#remove(ended),
    };
    const subscription = new LogSubscription(host, request, first);
    this.#add(subscription);
    return subscription;
  }

  /** Ends all subscriptions. */
  async stop(): Promise<void> {
    for (const some of this.#subscriptions.values()) for (const subscription of some) subscription.end();
    await this.#interval.stop();
  }

  /** One look at all that is watched. */
  async poll(): Promise<void> {
    this.#publishWatched();
    for (const subscription of this.#all()) subscription.note();
    await this.#lookUntilDone();
    for (const subscription of this.#all())
      subscription.sendHeartbeat(this.options.heartbeatMs ?? 15 * SECOND);
  }

  async #missing(taskId: string, after: number): Promise<LogItem[]> {
    if (after === 0) return [];
    const kept = await this.parts.store.firstKept(taskId);
    if (kept === null || kept <= after + 1) return [];
    return [
      { type: "reset", cursor: String(kept - 1), reason: "The lines after this cursor are no longer kept." },
    ];
  }

  #wake(): void {
    void this.#lookUntilDone().catch((error: unknown) => this.#complain(error));
  }

  #lookSoon(subscription: LogSubscription): void {
    setTimeout(() => {
      subscription.note();
      if (subscription.wanting) this.#wake();
    }, SETTLE_MS).unref();
  }

  async #lookUntilDone(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#lookAgain) {
        this.#lookAgain = false;
        // Those who begin to wait in this turn share the look.
        await nextTurn();
        const wanting = this.#all().filter((subscription) => subscription.wanting);
        for (let from = 0; from < wanting.length; from += READERS_PER_LOOK)
          await this.#look(wanting.slice(from, from + READERS_PER_LOOK));
      }
    } finally {
      this.#looking = false;
    }
  }

  async #look(readers: readonly LogSubscription[]): Promise<void> {
    const limit = Math.max(MIN_LINES, Math.min(MAX_LINES, Math.floor(LINES_PER_LOOK / readers.length)));
    const positions = readers.map((reader) => reader.look(limit));
    try {
      // The tasks first: lines of a task that has ended are there by then.
      const owners = await this.parts.store.owners([...new Set(readers.map(({ taskId }) => taskId))]);
      const byId = new Map(owners.map((owner) => [owner.taskId, owner]));
      const pages = await this.parts.store.read(positions);
      readers.forEach((reader, index) => reader.give(pages[index]!, byId.get(reader.taskId) ?? null));
    } catch (error) {
      for (const reader of readers) reader.note();
      throw error;
    }
  }

  #add(subscription: LogSubscription): void {
    const some = this.#subscriptions.get(subscription.taskId);
    if (some) some.add(subscription);
    else this.#subscriptions.set(subscription.taskId, new Set([subscription]));
    if (!some) this.parts.signals.publish({ type: "logWatch", taskIds: [subscription.taskId] });
    this.#unsubscribe ??= this.parts.signals.subscribe((signal) => {
      if (signal.type === "logs") this.#notify(signal.taskIds, signal.ended);
    });
    void this.#interval.start();
  }

  #remove(subscription: LogSubscription): void {
    const some = this.#subscriptions.get(subscription.taskId);
    some?.delete(subscription);
    if (some?.size === 0) this.#subscriptions.delete(subscription.taskId);
    if (this.#subscriptions.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    void this.#interval.stop();
  }

  #notify(taskIds: readonly string[], ended: boolean): void {
    const notified = taskIds.flatMap((id) => [...(this.#subscriptions.get(id) ?? [])]);
    for (const subscription of notified) subscription.note(ended);
    if (notified.some((subscription) => subscription.wanting)) this.#wake();
  }

  #publishWatched(): void {
    const now = this.parts.clock.monotonic();
    if (now - this.#watchedAt < WATCH_EVERY_MS) return;
    this.#watchedAt = now;
    const ids = [...this.#subscriptions.keys()];
    for (let from = 0; from < ids.length; from += TASKS_PER_SIGNAL)
      this.parts.signals.publish({ type: "logWatch", taskIds: ids.slice(from, from + TASKS_PER_SIGNAL) });
  }

  #all(): LogSubscription[] {
    return [...this.#subscriptions.values()].flatMap((some) => [...some]);
  }

  /**
   * While the database is away, subscribers wait: the next look sends them all that they missed.
   */
  #complain(error: unknown): void {
    if (error instanceof UnavailableError) return;
    this.#complaints.pass(() => this.parts.log.warn("Logs of tasks cannot be read", { err: error }));
  }
}
