import type { Cursor, EventStream, StreamedEvent } from "../../events/event-stream.ts";
import { type Clock, MINUTE, systemClock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { Service } from "../../lib/async/service.ts";
import { StaleEvents, VersionMemory } from "./event-order.ts";
import { EventSubscription, type FeedItem, subjectOf, type SubscribeOptions } from "./event-subscription.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import { TimeSlice } from "../../lib/async/event-loop.ts";

export type { FeedItem, SubscribeOptions } from "./event-subscription.ts";

export interface EventFeedOptions {
  readonly stream: EventStream;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /**
   * A subscriber that received nothing for this long receives a heartbeat, in milliseconds.
   * @default 15_000
   */
  readonly heartbeatMs?: number;
  readonly log: Logger;
}

/** Tasks whose versions are remembered, so that none is seen going backwards. */
const REMEMBERED_TASKS = 50_000;
/** Events before its start that a feed reads, so that it recognises stale events right after it. */
const LOOKED_BACK_AT = 2_000;
/**
 * A feed must know this many events before a cursor to know the stale events after it: a newer
 * event is never far ahead.
 */
const OVERTAKEN_BY = 300;
/** Stale events that are remembered, so that no replay sends them either. */
const REMEMBERED_LATE = 10_000;

/** How long subscribers are served before other work of the process gets a turn, in milliseconds. */
const SLICE_MS = 10;

/**
 * The one reader of the event stream in a process: it distributes each event to the subscribers
 * that accept it. Each subscriber receives events in the order of the stream, without gaps or
 * duplicates; if that is impossible, it receives `lag` or `reset`.
 */
export class EventFeed implements Service {
  readonly #started = new Set<EventSubscription>();
  readonly #live = new Set<EventSubscription>();
  /** Live subscriptions of some ids only. */
  readonly #byId = new Map<string, Set<EventSubscription>>();
  readonly #versions = new VersionMemory(REMEMBERED_TASKS);
  readonly #staleEvents = new StaleEvents(REMEMBERED_LATE);
  readonly #gaps = new LogLimit(MINUTE);
  readonly #slice = new TimeSlice(SLICE_MS);
  #newest: Cursor | null = null;
  /** After this cursor it knows which events were stale. */
  #knownFrom: Cursor | null = null;
  #state: "new" | "running" | "stopped" = "new";
  #stopTail: (() => Promise<void>) | null = null;
  #heartbeatTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: EventFeedOptions) {}

  /** @throws UnavailableError when the stream does not answer */
  start = async (): Promise<void> => {
    if (this.#state !== "new") return;
    const { stream, heartbeatMs = 15_000 } = this.options;
    const early: StreamedEvent[] = [];
    let take = (events: readonly StreamedEvent[]): void => void early.push(...events);
    this.#stopTail = await stream.tail(
      (events) => take(events),
      (reason, cursor) => this.#gap(reason, cursor),
    );
    // Read after the tail, so that nothing between the two is missed: a subscriber that starts at
    // this head skips the events that the tail delivers up to it.
    const head = await stream.head();
    const past = await stream.readUpTo(head, LOOKED_BACK_AT);
    for (const streamed of past) this.#isNews(streamed);
    this.#knownFrom = (past[OVERTAKEN_BY] ?? past[0])?.cursor ?? head;
    if (this.#newest === null || stream.compareCursors(head, this.#newest) > 0) this.#newest = head;
    take = (events) => this.#hand(events);
    this.#hand(early.filter(({ cursor }) => stream.compareCursors(cursor, head) > 0));
    this.#state = "running";
    this.#heartbeatTimer = setInterval(() => this.sendHeartbeats(), Math.max(5, heartbeatMs / 10));
  };

  /** Ends all subscriptions. */
  stop = async (): Promise<void> => {
    this.#state = "stopped";
    clearInterval(this.#heartbeatTimer);
    for (const subscription of this.#started) subscription.end();
    await this.#stopTail?.();
    this.#stopTail = null;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** The number of subscriptions that were started and have not ended. */
  get subscribers(): number {
    return this.#started.size;
  }

  /**
   * The cursor of the newest event: read it first, then the state, and subscribe after it.
   * @throws UnavailableError
   */
  head(): Promise<Cursor> {
    return this.options.stream.head();
  }

  /**
   * Returns the event of a cursor; null if it is no longer kept, or the cursor is not that of an
   * event.
   *
   * @throws UnavailableError; RefusedError (INVALID_INPUT) for a cursor that cannot be read
   */
  async eventAt(cursor: Cursor): Promise<LovageEvent | null> {
    const [found] = await this.options.stream.readUpTo(cursor, 1);
    return found?.cursor === cursor ? found.event : null;
  }

  /**
   * Subscribes to events from now on, or after the cursor `after`. The cursor is fixed at once, and
   * the subscription starts at the first `next()`: no event in between is lost, and an iterator
   * that is never used costs nothing. A used iterator must be ended by `return()`, as `for await`
   * does.
   *
   * @throws RefusedError (INVALID_INPUT) for a cursor that cannot be read
   */
  subscribe(options: SubscribeOptions): AsyncIterableIterator<FeedItem, undefined> {
    if (this.#newest === null) throw new Error("The event feed was not started.");
    // Throws for a cursor that cannot be read, now rather than in the middle of the stream.
    if (options.after !== undefined) this.options.stream.compareCursors(options.after, options.after);
    return new EventSubscription(
      {
        stream: this.options.stream,
        clock: this.options.clock,
        newest: () => this.#newest!,
        slice: this.#slice,
        knows: (cursor) => this.options.stream.compareCursors(cursor, this.#knownFrom!) >= 0,
        isStale: (cursor) => this.#staleEvents.has(cursor),
        onStart: (started) => this.#begin(started),
        onLive: (live) => this.#add(live),
        onEnd: (ended) => this.#remove(ended),
      },
      options,
      options.after ?? this.#newest,
    );
  }

  /** Sends heartbeats to subscribers that need one. */
  sendHeartbeats(): void {
    for (const subscription of this.#started) subscription.sendHeartbeat(this.options.heartbeatMs ?? 15_000);
  }

  #hand(events: readonly StreamedEvent[]): void {
    for (const streamed of events) {
      this.#newest = streamed.cursor;
      if (!this.#isNews(streamed)) continue;
      for (const subscription of this.#live) subscription.offer(streamed);
      const interested = this.#byId.get(subjectOf(streamed.event));
      if (interested) for (const subscription of interested) subscription.offer(streamed);
    }
  }

  #isNews({ cursor, event }: StreamedEvent): boolean {
    const isNews = this.#versions.admit(event);
    if (!isNews) this.#staleEvents.add(cursor);
    return isNews;
  }

  #gap(reason: string, cursor: Cursor): void {
    this.#gaps.pass(() =>
      this.options.log.warn("Live events have a gap; subscribers must read the state again", {
        reason,
      }),
    );
    this.#newest = cursor;
    // Subscriptions that still replay find the gap themselves.
    const live = new Set([...this.#live, ...[...this.#byId.values()].flatMap((some) => [...some])]);
    for (const subscription of live) subscription.gap(reason, cursor);
  }

  #begin(subscription: EventSubscription): void {
    if (this.#state === "stopped") subscription.end();
    else this.#started.add(subscription);
  }

  #add(subscription: EventSubscription): void {
    if (!subscription.ids) this.#live.add(subscription);
    for (const id of subscription.ids ?? []) {
      const some = this.#byId.get(id);
      if (some) some.add(subscription);
      else this.#byId.set(id, new Set([subscription]));
    }
  }

  #remove(subscription: EventSubscription): void {
    this.#started.delete(subscription);
    this.#live.delete(subscription);
    for (const id of subscription.ids ?? []) {
      const some = this.#byId.get(id);
      some?.delete(subscription);
      if (some?.size === 0) this.#byId.delete(id);
    }
  }
}

/** The event feed of an app. It starts on first use: apps that only enqueue need none. */
export class LazyEventFeed {
  #feed: Promise<EventFeed> | null = null;

  constructor(
    private readonly stream: EventStream,
    private readonly log: Logger,
  ) {}

  get = (): Promise<EventFeed> => {
    this.#feed ??= this.#start().catch((error: unknown) => {
      this.#feed = null; // The next one who asks tries again.
      throw error;
    });
    return this.#feed;
  };

  async stop(): Promise<void> {
    const feed = await this.#feed?.catch(() => null);
    await feed?.stop();
  }

  async #start(): Promise<EventFeed> {
    const feed = new EventFeed({ stream: this.stream, clock: systemClock, log: this.log });
    try {
      await feed.start();
    } catch (error) {
      await feed.stop();
      throw error;
    }
    return feed;
  }
}
