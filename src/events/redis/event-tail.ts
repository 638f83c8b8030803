import type { Redis } from "ioredis";

import { backoffMs } from "../../lib/async/backoff.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import { plainError } from "../../redis/errors.ts";
import type { Cursor, StreamedEvent } from "../event-stream.ts";
import { compareRedisCursors, positionOf, START } from "./cursor.ts";
import { GAP, gapReason, readEventEntry, type RawEventEntry } from "./event-entry.ts";

export interface RedisEventTailOptions {
  /** A connection for this tail alone: reads on it block. */
  readonly redis: Redis;
  readonly stream: string;
  readonly blockMs: number;
  /** Returns the cursor of the last event. */
  readonly head: () => Promise<Cursor>;
  readonly onEvents: (events: readonly StreamedEvent[]) => void;
  readonly onGap: (reason: string, cursor: Cursor) => void;
  readonly log: Logger;
}

/**
 * Entries per read: enough to keep up, and few enough that decoding does not block the event loop
 * for long.
 */
const READ_COUNT = 20;
const BACKOFF = { firstMs: 50, maxMs: 2_000 };

/** Follows the stream of events from its end, until `stop`. */
export class RedisEventTail {
  #at: Cursor = START;
  #loop: Promise<void> | null = null;
  readonly #stopped = Promise.withResolvers<void>();
  #running = true;
  readonly #failures = new LogLimit(10_000);

  constructor(private readonly options: RedisEventTailOptions) {}

  /** Resolves when every later append will be read. */
  async start(): Promise<void> {
    this.#at = await this.options.head();
    this.#loop = this.#run();
  }

  /** Waits for the end of the loop. Close the connection first. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped.resolve();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (this.#running) {
      try {
        await this.#read();
        failures = 0;
      } catch (error) {
        if (!this.#running) return;
        failures += 1;
        this.#failures.pass(() =>
          this.options.log.debug("Reading events failed", { err: plainError(error) }),
        );
        await this.#pause(backoffMs(failures, BACKOFF));
      }
    }
  }

  async #read(): Promise<void> {
    const { redis, stream, blockMs } = this.options;
    const after = positionOf(this.#at).id;
    const reply = await redis.xread("COUNT", READ_COUNT, "BLOCK", blockMs, "STREAMS", stream, after);
    const entries = reply?.[0]?.[1] as readonly RawEventEntry[] | undefined;
    if (entries && entries.length > 0) this.#take(entries);
    else await this.#checkEnd();
  }

  #take(raw: readonly RawEventEntry[]): void {
    let events: StreamedEvent[] = [];
    for (const entry of raw.map(readEventEntry)) {
      if (entry.before !== this.#at) {
        if (events.length > 0) this.options.onEvents(events);
        events = [];
        this.options.onGap(gapReason(entry.before), entry.before === GAP ? entry.last : entry.before);
      }
      events.push(...entry.events);
      this.#at = entry.last;
    }
    if (events.length > 0) this.options.onEvents(events);
  }

  /**
   * After a flush or a failover new entries may get ids before the last one that was read, and no
   * read would return them.
   */
  async #checkEnd(): Promise<void> {
    const head = await this.options.head();
    if (compareRedisCursors(head, this.#at) >= 0) return;
    this.#at = head;
    this.options.onGap(gapReason(START), head);
  }

  async #pause(ms: number): Promise<void> {
    const paused = Promise.withResolvers<void>();
    const timer = setTimeout(paused.resolve, ms);
    await Promise.race([paused.promise, this.#stopped.promise]);
    clearTimeout(timer);
  }
}
