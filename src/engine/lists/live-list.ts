import { UnavailableError } from "../../errors.ts";
import type { Cursor } from "../../events/event-stream.ts";
import { jittered } from "../../lib/async/backoff.ts";
import { type Clock, SECOND } from "../../lib/clock.ts";
import { Lru } from "../../lib/lru.ts";
import { toError } from "../../lib/thrown.ts";
import type { TaskFilter, TaskReader } from "../../store/reading/task-reader.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { EventFeed, FeedItem } from "../events/event-feed.ts";
import type { Delivery } from "../events/event-subscription.ts";
import type { Heartbeat, ListSubscription } from "./list-subscription.ts";
import { ListView, type Shown } from "./list-view.ts";
import { TaskWindow } from "./task-window.ts";

export interface LiveListParts {
  readonly feed: Pick<EventFeed, "subscribe" | "head">;
  readonly reader: Pick<TaskReader, "pages">;
  readonly clock: Pick<Clock, "now" | "monotonic">;
}

/** Which tasks are in a list. */
export interface ListQuery {
  readonly filter: TaskFilter;
  /** Whether a task matches the filter. Every condition must be answered by an event. */
  readonly matches: (task: TaskSummary) => boolean;
}

/** Most tasks that a subscriber may ask for. */
export const MAX_LISTED = 100;
/** Tasks that are known of each list: those beyond MAX_LISTED take the places of removed ones. */
const WINDOW = 2 * MAX_LISTED;
/** With fewer tasks than this, the next ones are read. */
const REFILL_BELOW = 1.5 * MAX_LISTED;
/** Deletions of tasks have no event, so the list is read again from time to time. */
const CHECK_MS = 15 * SECOND;
const HEARTBEAT_MS = 15 * SECOND;
const RETRY_MS = 500;
/** Tasks with events that are not applied yet. */
const REMEMBERED = 5_000;

/**
 * The tasks of one filter, kept up to date for all of its subscribers: one read of the database,
 * and one subscription to the event feed. Events are applied one after another. While the database
 * is read, they wait.
 */
export class LiveList {
  readonly #window = new TaskWindow(WINDOW);
  readonly #views = new Map<number, ListView>();
  /** The newest version of tasks whose accepted events are not applied yet. */
  readonly #waiting = new Lru<string, number>({ max: REMEMBERED });
  /** The newest version of tasks with events that arrived during the last read. */
  #arrived = new Map<string, number>();
  #isReading = false;
  #readAt = -Infinity;
  /** Whether the last read has failed. */
  #hasFailed = false;
  #cursor: Cursor = "";
  #items: AsyncIterator<FeedItem> | null = null;
  #stopped = false;
  readonly #stop = Promise.withResolvers<void>();
  /** Resolves when the list is known. Rejects with an UnavailableError if it cannot be read. */
  readonly ready: Promise<void>;

  constructor(
    private readonly parts: LiveListParts,
    private readonly query: ListQuery,
    /** Called once, when it has no subscribers anymore or has failed. */
    private readonly onEnd: () => void,
  ) {
    this.ready = this.#start().catch((error: unknown) => {
      this.#end(null);
      throw error;
    });
  }

  /** Adds a subscriber. The list must be ready. */
  join(first: number, delivery: Delivery): ListSubscription {
    const view =
      this.#views.get(first) ??
      new ListView(first, this.#shown(), {
        clock: this.parts.clock,
        onEmpty: () => {
          this.#views.delete(first);
          if (this.#views.size === 0) this.#end(null);
        },
      });
    this.#views.set(first, view);
    return view.join(delivery);
  }

  async #start(): Promise<void> {
    const { feed } = this.parts;
    // The position of the events is read before the tasks, so that no event between both is missed.
    // Those that the tasks show already are not newer, and change nothing.
    this.#cursor = await feed.head();
    await this.#read();
    this.#items = feed.subscribe({ after: this.#cursor, accept: this.#accepts });
    void this.#run(this.#items);
  }

  async #run(items: AsyncIterator<FeedItem>): Promise<void> {
    try {
      while (!this.#stopped) {
        const { done, value } = await items.next();
        if (done) break;
        this.#cursor = value.cursor;
        await this.#take(value);
      }
      this.#end(null);
    } catch (error) {
      this.#end(toError(error));
    }
  }

  #end(failure: Error | null): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stop.resolve();
    void this.#items?.return?.();
    this.onEnd();
    for (const view of this.#views.values()) view.end(failure);
  }

  async #take(item: FeedItem): Promise<void> {
    switch (item.type) {
      case "event":
        this.#apply(item.event);
        if (this.#isReadDue()) await this.#tryToRead();
        this.#beat({ type: "heartbeat", cursor: item.cursor, at: this.parts.clock.now() }, HEARTBEAT_MS);
        return;
      case "lag":
        // Events of other tasks may have been dropped.
        await this.#readAtLast();
        return this.#show(null);
      case "reset":
        await this.#readAtLast();
        for (const view of this.#views.values()) view.reset(this.#shown(), item);
        return;
      case "heartbeat":
        await this.#tryToRead();
        this.#beat(item, 0);
    }
  }

  /**
   * Whether an event may change the list. It is asked when the event arrives, while earlier ones
   * may still wait.
   */
  #accepts = (event: LovageEvent): boolean => {
    if (event.kind !== "task" || event.type === "EMITTED") return false;
    const { id, version } = event.task;
    const isConcerned = this.#isReading || this.#window.has(id) || this.#waiting.has(id);
    if (!isConcerned && !this.query.matches(event.task)) return false;
    this.#waiting.set(id, version);
    if (this.#isReading) this.#arrived.set(id, version);
    return true;
  };

  #apply(event: LovageEvent): void {
    if (event.kind !== "task") return;
    const { task } = event;
    if (this.#waiting.get(task.id) === task.version) this.#waiting.delete(task.id);
    // The tasks that were read are newer than this event, and the last event follows.
    if ((this.#arrived.get(task.id) ?? 0) > task.version) return;
    this.#arrived.delete(task.id);
    if (this.#window.apply(task, this.query.matches(task))) this.#show(task);
  }

  #show(latest: TaskSummary | null): void {
    for (const view of this.#views.values()) view.show(this.#shown(), latest);
  }

  #shown(): Shown {
    return { tasks: this.#window.tasks, isComplete: this.#window.isComplete, cursor: this.#cursor };
  }

  #beat(heartbeat: Heartbeat, silentForMs: number): void {
    for (const view of this.#views.values()) view.beat(heartbeat, silentForMs);
  }

  #isReadDue(): boolean {
    const since = this.parts.clock.monotonic() - this.#readAt;
    const isShort = !this.#window.isComplete && this.#window.tasks.length < REFILL_BELOW;
    if (isShort) return !this.#hasFailed || since >= RETRY_MS;
    return since >= CHECK_MS;
  }

  /** Reads the list again. While the database is unavailable, it stays as it is. */
  async #tryToRead(): Promise<void> {
    try {
      await this.#read();
      this.#show(null);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }

  /** Reads the list, as soon as the database is available. */
  async #readAtLast(): Promise<void> {
    while (!this.#stopped) {
      try {
        return await this.#read();
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        await this.#pause(jittered(RETRY_MS));
      }
    }
  }

  async #read(): Promise<void> {
    const { reader, clock } = this.parts;
    const order = { field: "CREATED_AT", direction: "DESC" } as const;
    this.#arrived = new Map();
    this.#isReading = true;
    this.#hasFailed = true;
    try {
      const [page] = await reader.pages([{ filter: this.query.filter, order, limit: WINDOW }]);
      this.#window.replace(page!.rows, page!.hasMore);
      this.#hasFailed = false;
    } finally {
      this.#isReading = false;
      this.#readAt = clock.monotonic();
    }
  }

  async #pause(ms: number): Promise<void> {
    const paused = Promise.withResolvers<void>();
    const timer = setTimeout(paused.resolve, ms);
    await Promise.race([paused.promise, this.#stop.promise]);
    clearTimeout(timer);
  }
}
