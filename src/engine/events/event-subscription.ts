import { jittered } from "../../lib/async/backoff.ts";
import { TokenBucket } from "../../lib/async/token-bucket.ts";
import { UnavailableError } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import type { Cursor, EventStream, StreamedEvent } from "../../events/event-stream.ts";
import type { Clock } from "../../lib/clock.ts";
import { MergingQueue } from "../../lib/async/merging-queue.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import type { TimeSlice } from "../../lib/async/event-loop.ts";
import { VersionMemory } from "./event-order.ts";

/** What a subscription needs of its feed. */
export interface SubscriptionHost {
  readonly stream: Pick<EventStream, "readAfter" | "readUpTo" | "head" | "compareCursors">;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Shared with the other subscriptions of the process. */
  readonly slice: Pick<TimeSlice, "yield">;
  /** Cursor of the newest event that was handed to live subscriptions. */
  newest(): Cursor;
  /** Whether the feed knows which events after this cursor were stale. */
  knows(cursor: Cursor): boolean;
  /**
   * Whether the feed knows the event at this cursor to be stale.
   */
  isStale(cursor: Cursor): boolean;
  /** Called at the first `next()`. */
  onStart(subscription: EventSubscription): void;
  /** Called when the subscription goes live: the feed offers it each event after `newest()`. */
  onLive(subscription: EventSubscription): void;
  onEnd(subscription: EventSubscription): void;
}

const PAGE = 500;
/** Tasks of the backlog whose versions are remembered: the feed knows only what was live. */
const REPLAYED_TASKS = 2_000;
/** Events before a cursor that are read to find the stale events after it. */
const LOOKED_BACK_AT = 300;
const RETRY_MS = 500;

/**
 * One subscriber. It first replays: it reads the stream page by page, only as fast as its reader
 * reads, so a slow reader costs no memory. At the end of the backlog it goes live: the feed offers
 * it each event, and a bounded queue holds the unread ones.
 */
export class EventSubscription implements AsyncIterableIterator<FeedItem, undefined> {
  readonly #queue: MergingQueue<Waiting>;
  readonly #rate: TokenBucket | null;
  readonly #ids: ReadonlySet<string> | null;
  readonly #pageSize: number;
  readonly #delivery: Delivery;
  /** Monotonic time before which a delivery with `everyMs` sends nothing. */
  #heldUntil = -Infinity;
  /** Number of waiting events that are being sent together. */
  #together = 0;
  #versions: VersionMemory | null = null;
  #state: "new" | "replaying" | "live" | "ended" = "new";
  /** The last event of the backlog that was read. */
  #readTo: Cursor;
  /** The last event that was sent or dropped. */
  #sentTo: Cursor;
  /** Live events up to here were replayed already. */
  #skipUntil: Cursor | null = null;
  #skipped = 0;
  #reset: { readonly cursor: Cursor; readonly reason: string } | null = null;
  #isHeartbeatDue = false;
  #failure: Error | null = null;
  #lastSentAt: number;
  #wake = Promise.withResolvers<void>();
  #pulls: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: SubscriptionHost,
    private readonly options: SubscribeOptions,
    after: Cursor,
  ) {
    const capacity = Math.max(1, options.capacity ?? 1_000);
    this.#queue = new MergingQueue(capacity);
    this.#pageSize = Math.min(PAGE, capacity);
    this.#rate =
      options.maxRate === undefined
        ? null
        : new TokenBucket({ perSecond: options.maxRate, clock: host.clock });
    this.#delivery = options.delivery ?? ALL;
    this.#ids = options.ids ? new Set(options.ids) : null;
    this.#readTo = after;
    this.#sentTo = after;
    this.#lastSentAt = host.clock.monotonic();
  }

  /** Ids of its tasks and workers; null for all. */
  get ids(): ReadonlySet<string> | null {
    return this.#ids;
  }

  [Symbol.asyncIterator] = (): this => this;

  next(): Promise<IteratorResult<FeedItem, undefined>> {
    if (this.#state === "new") {
      this.#state = "replaying";
      this.#lastSentAt = this.host.clock.monotonic();
      this.#isHeartbeatDue = this.options.greet ?? false;
      this.host.onStart(this);
    }
    const pulled = this.#pulls.then(() => this.#pull());
    this.#pulls = pulled.catch(() => undefined);
    return pulled;
  }

  async return(): Promise<IteratorResult<FeedItem, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<FeedItem, undefined>> {
    this.end();
    throw error;
  }

  /** Ends the iteration. Waiting items are not sent. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#queue.clear();
    this.host.onEnd(this);
    this.#wake.resolve();
  }

  /** Takes a live event. */
  offer(streamed: StreamedEvent): void {
    if (this.#skipUntil !== null) {
      if (this.host.stream.compareCursors(streamed.cursor, this.#skipUntil) <= 0) return;
      this.#skipUntil = null;
    }
    this.#take(streamed);
  }

  /**
   * Events were missed for good. What waits is older than the state that the reader is going to
   * read.
   */
  gap(reason: string, cursor: Cursor): void {
    this.#queue.clear();
    this.#skipped = 0;
    this.#skipUntil = null;
    this.#readTo = cursor;
    this.#reset = { cursor, reason };
    this.#wake.resolve();
  }

  /** Sends a heartbeat if nothing was sent for so long. */
  sendHeartbeat(silentForMs: number): void {
    if (this.#queue.size > 0) return;
    if (this.host.clock.monotonic() - this.#lastSentAt < silentForMs) return;
    this.#isHeartbeatDue = true;
    this.#wake.resolve();
  }

  async #pull(): Promise<IteratorResult<FeedItem, undefined>> {
    const turn = this.host.slice.yield();
    if (turn) await turn;
    while (this.#state !== "ended") {
      const item = this.#takeNow();
      if (item) {
        this.#lastSentAt = this.host.clock.monotonic();
        this.#isHeartbeatDue = false;
        this.#sentTo = item.cursor;
        return { done: false, value: item };
      }
      if (this.#state === "replaying" && this.#queue.size === 0) await this.#replay();
      else
        await this.#sleep(this.#queue.size > 0 ? Math.max(this.#holdMs(), this.#rate?.waitMs() ?? 0) : null);
    }
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  #takeNow(): FeedItem | null {
    if (this.#reset) {
      const reset = this.#reset;
      this.#reset = null;
      return { type: "reset", ...reset };
    }
    if (this.#skipped > 0) {
      const skipped = this.#skipped;
      this.#skipped = 0;
      return { type: "lag", cursor: this.#sentTo, skipped };
    }
    if (this.#queue.size > 0) return this.#takeEvent();
    if (!this.#isHeartbeatDue) return null;
    const knownTo = this.#state === "live" ? (this.#skipUntil ?? this.host.newest()) : this.#readTo;
    return { type: "heartbeat", cursor: knownTo, at: this.host.clock.now() };
  }

  #takeEvent(): FeedItem | null {
    if (this.#holdMs() > 0) return null;
    if (this.#rate && !this.#rate.take()) return null;
    // What waits now is sent together. What comes meanwhile waits for the next time.
    if (this.#together === 0) this.#together = this.#queue.size;
    const { streamed, merged } = this.#queue.shift()!;
    this.#together = Math.min(this.#together - 1, this.#queue.size);
    if (this.#together === 0) this.#heldUntil = this.host.clock.monotonic() + (this.#delivery.everyMs ?? 0);
    return { type: "event", ...streamed, merged };
  }

  /**
   * Returns the milliseconds for which the delivery holds events; 0 if it sends them. Replayed
   * events are late already.
   */
  #holdMs(): number {
    return this.#state === "live" ? Math.max(0, this.#heldUntil - this.host.clock.monotonic()) : 0;
  }

  /** Reads one page of the backlog, and goes live where it ends. */
  async #replay(): Promise<void> {
    try {
      await this.#lookBack();
      const handedOut = this.host.newest();
      const { events, gone } = await this.host.stream.readAfter(this.#readTo, this.#pageSize);
      if (gone) {
        const head = await this.host.stream.head();
        return this.gap("The events after this cursor are no longer kept.", head);
      }
      if (events.length > 0) this.#versions ??= new VersionMemory(REPLAYED_TASKS);
      for (const streamed of events) if (!this.host.isStale(streamed.cursor)) this.#take(streamed);
      this.#readTo = events.at(-1)?.cursor ?? this.#later(this.#readTo, handedOut);
      if (this.#later(this.#readTo, this.host.newest()) === this.#readTo) this.#goLive();
    } catch (error) {
      if (error instanceof UnavailableError) await this.#sleep(jittered(RETRY_MS));
      else this.#fail(error);
    }
  }

  /**
   * Remembers the versions that a subscriber with this cursor has already received, if the feed
   * does not know them.
   */
  async #lookBack(): Promise<void> {
    if (this.#versions !== null || this.host.knows(this.#readTo)) return;
    const before = await this.host.stream.readUpTo(this.#readTo, LOOKED_BACK_AT);
    this.#versions = new VersionMemory(REPLAYED_TASKS);
    for (const { event } of before) this.#versions.admit(event);
  }

  #goLive(): void {
    if (this.#state !== "replaying") return;
    this.#state = "live";
    this.#skipUntil = this.#readTo === this.host.newest() ? null : this.#readTo;
    this.host.onLive(this);
  }

  #take(streamed: StreamedEvent): void {
    if (!this.#wants(streamed.event)) return;
    const crowded = this.#rate !== null && this.#queue.size >= this.#rate.available();
    const merge = this.#delivery.mode === "LATEST" || crowded;
    const waiting: Waiting = { streamed, merged: 0 };
    for (const displaced of this.#queue.push(mergeKeyOf(streamed), waiting, merge)) {
      // A subscriber that asks for merging finds the number in its events; only those that it
      // would not know of are reported.
      if (displaced.how === "dropped") this.#noteDropped(displaced.item);
      else {
        displaced.into.merged += displaced.item.merged + (merge ? 1 : 0);
        if (!merge) this.#skipped += 1;
      }
    }
    if (this.options.isUrgent?.(streamed.event)) this.#heldUntil = -Infinity;
    this.#wake.resolve();
  }

  #noteDropped({ streamed, merged }: Waiting): void {
    this.#skipped += 1 + merged;
    this.#sentTo = streamed.cursor;
  }

  #wants(event: LovageEvent): boolean {
    if (this.#state === "ended" || this.#ids?.has(subjectOf(event)) === false) return false;
    if (this.#versions?.admit(event) === false) return false;
    try {
      return this.options.accept(event);
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    this.#failure = toError(error);
    this.end();
  }

  #later(a: Cursor, b: Cursor): Cursor {
    return this.host.stream.compareCursors(a, b) >= 0 ? a : b;
  }

  /** Resolves when something happens, or after this many milliseconds. */
  async #sleep(ms: number | null): Promise<void> {
    const timer = ms === null ? undefined : setTimeout(() => this.#wake.resolve(), ms);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers<void>();
  }
}

/** An event that waits for its reader. */
interface Waiting {
  readonly streamed: StreamedEvent;
  /** Number of earlier events that it replaces. */
  merged: number;
}

export const DELIVERY_MODES = ["ALL", "LATEST"] as const;

/** Which events a subscriber receives. */
export interface Delivery {
  /**
   * `"ALL"`: every event, as far as its reader keeps up. `"LATEST"`: of the waiting events of one
   * subject only the newest, which counts the others. Emissions of tasks are never merged.
   */
  readonly mode: (typeof DELIVERY_MODES)[number];
  /**
   * With `"LATEST"`: after events were sent, the next ones wait for so long, in milliseconds.
   * Replayed events do not wait.
   * @default 0: events wait only while the reader is busy
   */
  readonly everyMs?: number;
}

const ALL: Delivery = { mode: "ALL" };

export type FeedItem =
  | {
      readonly type: "event";
      readonly cursor: Cursor;
      readonly event: LovageEvent;
      /** Number of earlier events that this one replaces, as the subscriber asked for. */
      readonly merged: number;
    }
  /**
   * The reader was too slow: this many events before the next one were merged into later ones of
   * their task, or dropped.
   */
  | { readonly type: "lag"; readonly cursor: Cursor; readonly skipped: number }
  /** Events are missing: read the state again; the next items continue from this cursor. */
  | { readonly type: "reset"; readonly cursor: Cursor; readonly reason: string }
  /**
   * No other item for a while, or none yet. The subscriber has received everything up to this
   * cursor.
   */
  | { readonly type: "heartbeat"; readonly cursor: Cursor; readonly at: Date };

export interface SubscribeOptions {
  /**
   * Returns whether an event is wanted. Called once per event; a throw ends the subscription with
   * that error.
   */
  readonly accept: (event: LovageEvent) => boolean;
  /**
   * Only events of these tasks and workers, by id. Much cheaper than the same by `accept` when
   * there are many subscribers.
   * @default all
   */
  readonly ids?: readonly string[];
  /**
   * Events after this cursor are replayed first. @default the newest one at the time of `subscribe`
   */
  readonly after?: Cursor;
  /**
   * Sends a heartbeat at the start if there is no other item: its cursor allows the subscriber to
   * resume.
   * @default false
   */
  readonly greet?: boolean;
  /** Events that may wait for a slow reader. @default 1_000 */
  readonly capacity?: number;
  /**
   * Events per second, on average over a second. Above it, waiting events of one task are merged:
   * the newest stays.
   * @default no limit
   */
  readonly maxRate?: number;
  /** @default all events */
  readonly delivery?: Delivery;
  /**
   * Returns whether an event must be sent at once, with all that wait before it, although `delivery`
   * holds them.
   * @default none
   */
  readonly isUrgent?: (event: LovageEvent) => boolean;
}

/**
 * Returns the key of an event: events with the same key may be merged into the newest. Emissions of
 * tasks are never merged.
 */
function mergeKeyOf({ cursor, event }: StreamedEvent): string {
  return event.kind === "task" && event.type === "EMITTED" ? cursor : subjectOf(event);
}

/** Returns the id of the task, the worker or the schedule of an event. */
export function subjectOf(event: LovageEvent): string {
  switch (event.kind) {
    case "task":
      return event.task.id;
    case "worker":
      return event.worker.id;
    case "schedule":
      return event.schedule.id;
    case "control":
      return `control ${event.entry.id}`;
  }
}
