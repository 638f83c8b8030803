import type { Logger } from "../../lib/log/log.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { redisFailure } from "../../redis/errors.ts";
import { runScript } from "../../redis/script.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import { encodeEvents } from "../codec/event-codec.ts";
import type { Cursor, EventStream, Replay, StreamedEvent } from "../event-stream.ts";
import { compareRedisCursors, isCursor, positionOf, START } from "./cursor.ts";
import { APPEND, readEventEntry, type RawEventEntry } from "./event-entry.ts";
import { RedisEventTail } from "./event-tail.ts";

export interface RedisEventStreamOptions {
  /** Shared with the other adapters. Its creator closes it. */
  readonly connections: RedisConnections;
  readonly prefix: string;
  readonly log: Logger;
  /** Approximate number of appends that are kept for replay. @default 10_000 */
  readonly maxEntries?: number;
  /**
   * Approximate memory of them in Redis, in bytes: fewer appends are kept when they are large.
   *
   * @default 64 MiB
   */
  readonly maxBytes?: number;
  /** How long one read of a tail waits, in milliseconds. @default 5_000 */
  readonly blockMs?: number;
}

const MAX_EVENTS_PER_ENTRY = 250;
/** How many entries are kept even when they are large. */
const MIN_ENTRIES = 100;
const READ_ENTRIES = 20;
const LOSS_RETRY_MS = 1_000;

/** The events of all processes, in one bounded Redis stream. */
export class RedisEventStream implements EventStream {
  readonly #stream: string;
  readonly #lastKey: string;
  readonly #stops = new Set<() => Promise<void>>();
  #bytesPerEntry = 1_000;
  /** Whether this process failed to append events, and must append a mark for readers. */
  #lost = false;
  #lossTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: RedisEventStreamOptions) {
    this.#stream = `{${options.prefix}}:events`;
    this.#lastKey = `${this.#stream}:last`;
  }

  connect = (): Promise<void> => this.options.connections.connect();

  async append(events: readonly LovageEvent[]): Promise<void> {
    const appended: Promise<void>[] = [];
    for (let start = 0; start < events.length; start += MAX_EVENTS_PER_ENTRY) {
      appended.push(this.#appendEntry(events.slice(start, start + MAX_EVENTS_PER_ENTRY)));
    }
    await Promise.all(appended);
  }

  async appendLoss(): Promise<void> {
    this.#lost = true;
    await this.#appendEntry([]);
  }

  async readAfter(after: Cursor, limit: number): Promise<Replay> {
    const position = positionOf(after);
    const events: StreamedEvent[] = [];
    let expected = after;
    let from = position.id;
    for (;;) {
      const [head, raw] = await this.#try(() => Promise.all([this.#readHead(), this.#range(from)]));
      if (raw.length === 0 && from === position.id) return { events, gone: head !== after };
      for (const entry of raw.map(readEventEntry)) {
        const isStart = entry.id === position.id;
        if (!isStart && entry.before !== expected) return { events, gone: events.length === 0 };
        expected = entry.last;
        events.push(
          ...(isStart
            ? entry.events.filter(({ cursor }) => positionOf(cursor).index > position.index)
            : entry.events),
        );
      }
      if (events.length >= limit || raw.length < READ_ENTRIES)
        return { events: events.slice(0, limit), gone: false };
      from = `(${raw.at(-1)![0]}`;
    }
  }

  async readUpTo(cursor: Cursor, limit: number): Promise<readonly StreamedEvent[]> {
    const position = positionOf(cursor);
    // From the newest to the oldest.
    const entries: (readonly StreamedEvent[])[] = [];
    let found = 0;
    let to = position.id;
    // Few entries first, since they may be large, and more when they are small.
    for (let count = READ_ENTRIES; found < limit; count *= 2) {
      const raw = await this.#try(() => this.#rangeBack(to, count));
      for (const { id, events } of raw.map(readEventEntry)) {
        if (found >= limit) break;
        const upTo =
          id === position.id
            ? events.filter((event) => positionOf(event.cursor).index <= position.index)
            : events;
        entries.push(upTo);
        found += upTo.length;
      }
      if (raw.length < count) break;
      to = `(${raw.at(-1)![0]}`;
    }
    return entries.toReversed().flat().slice(-limit);
  }

  head(): Promise<Cursor> {
    return this.#try(() => this.#readHead());
  }

  compareCursors = compareRedisCursors;

  async tail(
    onEvents: (events: readonly StreamedEvent[]) => void,
    onGap: (reason: string, cursor: Cursor) => void,
  ): Promise<() => Promise<void>> {
    const { connections, log, blockMs = 5_000 } = this.options;
    const redis = connections.blocking("events", this.#stream, blockMs);
    const head = (): Promise<Cursor> => this.#readHead();
    const tail = new RedisEventTail({ redis, stream: this.#stream, blockMs, head, onEvents, onGap, log });
    const stop = async (): Promise<void> => {
      this.#stops.delete(stop);
      const stopped = tail.stop();
      connections.release(redis);
      await stopped;
    };
    this.#stops.add(stop);
    try {
      await tail.start();
    } catch (error) {
      await stop();
      throw redisFailure(error);
    }
    return stop;
  }

  /** Ends its tails. The connections stay open. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#lossTimer);
    await Promise.all([...this.#stops].map((stop) => stop()));
  }

  async #appendEntry(events: readonly LovageEvent[]): Promise<void> {
    const lost = this.#lost;
    this.#lost = false;
    try {
      // On one connection the second command cannot arrive before the first.
      await Promise.all([
        lost ? this.#write([], true) : null,
        events.length > 0 ? this.#write(events, false) : null,
      ]);
    } catch (error) {
      this.#lost = true;
      this.#markLossSoon();
      throw redisFailure(error);
    }
  }

  #write(events: readonly LovageEvent[], afterLoss: boolean): Promise<unknown> {
    const text = encodeEvents(events);
    const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024 } = this.options;
    this.#bytesPerEntry += (text.length - this.#bytesPerEntry) / 20;
    const keep = Math.max(MIN_ENTRIES, Math.min(maxEntries, Math.floor(maxBytes / this.#bytesPerEntry)));
    const args = [keep, events.length, text, afterLoss ? "1" : "0"];
    return runScript(this.options.connections, APPEND, [this.#stream, this.#lastKey], args);
  }

  /** The next append marks the loss for readers. This timer does when no append follows. */
  #markLossSoon(): void {
    clearTimeout(this.#lossTimer);
    if (this.#closed) return;
    this.#lossTimer = setTimeout(() => {
      if (this.#lost) this.#appendEntry([]).catch(() => undefined);
    }, LOSS_RETRY_MS).unref();
  }

  async #readHead(): Promise<Cursor> {
    const head = await this.options.connections.run(this.#lastKey, (redis) => redis.get(this.#lastKey));
    return head !== null && isCursor(head) ? head : START;
  }

  #range(from: string): Promise<RawEventEntry[]> {
    return this.options.connections.run(this.#stream, (redis) =>
      redis.xrange(this.#stream, from, "+", "COUNT", READ_ENTRIES),
    );
  }

  #rangeBack(to: string, count: number): Promise<RawEventEntry[]> {
    return this.options.connections.run(this.#stream, (redis) =>
      redis.xrevrange(this.#stream, to, "-", "COUNT", count),
    );
  }

  async #try<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw redisFailure(error);
    }
  }
}
