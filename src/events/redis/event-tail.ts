import type { Redis } from "ioredis";

import type { Logger } from "../../lib/log.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import { plainError } from "../../redis/errors.ts";
import type { Cursor, StreamedEvent } from "../event-stream.ts";
import { compareRedisCursors, placeOf, START } from "./cursor.ts";
import { GAP, gapReason, readEventEntry, type RawEventEntry } from "./event-entry.ts";

export interface RedisEventTailOptions {
  /** Its own connection: reads on it block. */
  readonly redis: Redis;
  readonly stream: string;
  readonly blockMs: number;
  /** Where the stream ends now. */
  readonly head: () => Promise<Cursor>;
  readonly onEvents: (events: readonly StreamedEvent[]) => void;
  readonly onGap: (reason: string, cursor: Cursor) => void;
  readonly log: Logger;
}

/** Entries per read: enough to keep up, not so many that decoding them holds the event loop for long. */
const READ_COUNT = 20;
const MAX_BACKOFF_MS = 2_000;

/** Follows the stream of events from its end. Its loop ends only by `stop`. */
export class RedisEventTail {
  #at: Cursor = START;
  #loop: Promise<void> | null = null;
  readonly #stopped = Promise.withResolvers<void>();
  #running = true;
  readonly #failures = new LogLimit(10_000);

  constructor(private readonly options: RedisEventTailOptions) {}

  /** Resolves when all that is appended from now on will be seen. */
  async start(): Promise<void> {
    this.#at = await this.options.head();
    this.#loop = this.#run();
  }

  /** The connection is to be closed first: this only waits for the loop's end. */
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
        await this.#pause(Math.min(50 * 2 ** Math.min(failures, 10), MAX_BACKOFF_MS));
      }
    }
  }

  async #read(): Promise<void> {
    const { redis, stream, blockMs } = this.options;
    const after = placeOf(this.#at).id;
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

  /** After a flush or a failover, new entries may get ids before the last one that was read: no read would ever find them. */
  async #checkEnd(): Promise<void> {
    const head = await this.options.head();
    if (compareRedisCursors(head, this.#at) >= 0) return;
    this.#at = head;
    this.options.onGap(gapReason(START), head);
  }

  async #pause(ceilingMs: number): Promise<void> {
    const paused = Promise.withResolvers<void>();
    const timer = setTimeout(paused.resolve, ceilingMs / 2 + (Math.random() * ceilingMs) / 2);
    await Promise.race([paused.promise, this.#stopped.promise]);
    clearTimeout(timer);
  }
}
