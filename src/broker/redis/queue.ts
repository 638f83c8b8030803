import type { Redis } from "ioredis";

import { UnavailableError } from "../../errors.ts";
import { backoffMs } from "../../lib/async/backoff.ts";
import type { RedisConnections } from "../../redis/connections.ts";
import { runScript } from "../../redis/script.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import { readingOrder } from "../reading-order.ts";
import { BlockingReader } from "./blocking-reader.ts";
import type { EntryPosition, RawEntry } from "./entries.ts";
import { GROUP, queueKeys, type QueueKeys } from "./keys.ts";
import { LEAVE, PENDING, READ, CLAIM_IDLE } from "./scripts.ts";
import type { ReadCount } from "../share-out.ts";

export interface RedisQueueOptions {
  readonly queue: string;
  readonly prefix: string;
  readonly consumer: string;
  readonly connections: RedisConnections;
  readonly blockMs: number;
  readonly claimIdleAfterMs: number;
  /** Receives an entry that was read; returns whether it is a hint. */
  readonly onEntry: (position: EntryPosition, fields: RawEntry[1]) => boolean;
}

interface Blocking {
  readonly redis: Redis;
  readonly reader: BlockingReader;
}

const PAGE = 1_000;
/** How long a queue rests after failures. */
const REST = { firstMs: 25, maxMs: 2_000 };
/**
 * How long a queue that had fewer entries than requested comes after the others. A worker's own
 * queue is nearly always empty.
 */
const SLACK_MS = 50;
/** More missing groups than this within one wait are not explained by a flush. */
const MAX_REMAKES = 3;

/**
 * One queue as one consumer reads it: its five streams, its turn in the order of priorities, its
 * blocking connection.
 */
export class RedisQueue {
  readonly keys: QueueKeys;
  /** Whether it is a worker's own queue. */
  readonly #watches: boolean;
  #turn = 0;
  #claimIdleAt = 0;
  /** Per stream, where the next search for entries without a consumer begins. */
  readonly #pages: string[];
  #suspect = false;
  #slackUntil = 0;
  #remakes = 0;
  #blocking: Blocking | null = null;
  #failures = 0;
  #restsUntil = 0;

  constructor(private readonly options: RedisQueueOptions) {
    this.keys = queueKeys(options.prefix, options.queue);
    this.#watches = isWorkerQueue(options.queue);
    this.#pages = this.keys.streams.map(() => "-");
  }

  get healthy(): boolean {
    return this.#failures === 0;
  }

  /** Whether its last read had fewer entries than requested, shortly before now. */
  get slack(): boolean {
    return performance.now() < this.#slackUntil;
  }

  /**
   * Whether a blocking read is in progress that outlives the fetch. It brings all new entries, so
   * other reads are not needed.
   */
  get watched(): boolean {
    return this.#watches && this.#blocking?.reader.reading === true;
  }

  get restMs(): number {
    return Math.max(0, this.#restsUntil - performance.now());
  }

  /**
   * On a cluster one queue may fail and others not. It rests, longer each time, and does not delay
   * the others.
   */
  failed(): void {
    if (this.restMs > 0) return; // Another caller met the same failure.
    this.#failures += 1;
    this.#restsUntil = performance.now() + backoffMs(this.#failures, REST);
  }

  /** Reads up to `max` entries without blocking. */
  async readNow(max: number): Promise<ReadCount> {
    const order = readingOrder(this.#turn);
    const streams = order.map((rank) => this.keys.streams[rank]!);
    let entries = 0;
    let usable = 0;
    const found = await this.#watch(
      runScript(this.options.connections, READ, streams, [
        GROUP,
        this.options.consumer,
        max,
        this.keys.lifetimeMs,
      ]),
    );
    for (const [index, list] of found as [number, RawEntry[]][]) {
      entries += list.length;
      usable += this.#take(order[index - 1]!, list);
    }
    if (entries > 0) this.#turn += 1;
    this.#slackUntil = entries < max ? performance.now() + SLACK_MS : 0;
    this.#failures = 0;
    return { entries, usable };
  }

  /** Waits for entries, at most for `blockMs`. */
  async wait(blockMs: number): Promise<void> {
    if (this.#remakes > MAX_REMAKES) {
      this.#remakes = 0;
      const cause = new Error(`The consumer group of queue ${this.options.queue} keeps disappearing.`);
      throw new UnavailableError("broker", { cause });
    }
    await (this.#blocking ??= this.#open()).reader.read(blockMs);
  }

  /**
   * Ends the wait, if there is one. Entries that it brought are kept. The wait at a worker's own
   * queue continues: it takes nothing from other workers, and ending it would cost two commands for
   * each task of an idle worker.
   */
  async cancel(): Promise<void> {
    this.#remakes = 0;
    if (!this.#watches) await this.#blocking?.reader.cancel();
  }

  /** Ends the wait and the connection for it. */
  async rest(): Promise<void> {
    const blocking = this.#blocking;
    this.#blocking = null;
    if (!blocking) return;
    await blocking.reader.cancel();
    this.options.connections.release(blocking.redis);
  }

  /** Entries that Redis delivered may not have arrived here: `recover` checks. */
  suspect(): void {
    this.#suspect = true;
  }

  /**
   * Takes entries that are delivered according to Redis and not `known` here: their reply was lost.
   */
  async recover(isKnown: (position: EntryPosition) => boolean): Promise<void> {
    if (!this.#suspect) return;
    this.#suspect = false;
    await Promise.all(
      this.keys.streams.map(async (stream, rank) => {
        let entries: RawEntry[];
        let after = "0";
        do {
          const args = [GROUP, this.options.consumer, after, PAGE];
          entries = (await this.#watch(
            runScript(this.options.connections, PENDING, [stream], args),
          )) as RawEntry[];
          this.#take(rank, entries, isKnown);
          after = entries.at(-1)?.[0] ?? after;
        } while (entries.length === PAGE);
      }),
    );
  }

  /** From time to time returns entries of consumers that are gone to their streams. */
  async takeOver(): Promise<void> {
    const now = performance.now();
    if (now < this.#claimIdleAt) return;
    this.#claimIdleAt = now + (this.options.claimIdleAfterMs / 2) * (0.75 + Math.random() / 2);
    await Promise.all(this.keys.streams.map((stream, rank) => this.#takeOverStream(stream, rank)));
  }

  /** Returns all entries that are delivered to this consumer, and leaves the group. */
  async leave(): Promise<void> {
    const args = [GROUP, this.options.consumer];
    await Promise.all(
      this.keys.streams.map(async (stream) => {
        while ((await runScript(this.options.connections, LEAVE, [stream], args)) === 0);
      }),
    );
  }

  /** Repeats until a round finds nothing, so that a healthy stream costs one script. */
  async #takeOverStream(stream: string, rank: number): Promise<void> {
    const { connections, consumer, claimIdleAfterMs } = this.options;
    let cursor = "0-0";
    let moved = 0;
    do {
      const args = [GROUP, consumer, claimIdleAfterMs, cursor, this.#pages[rank]!];
      const reply = await this.#watch(runScript(connections, CLAIM_IDLE, [stream], args));
      [cursor, moved, this.#pages[rank]] = reply as [string, number, string];
    } while (cursor !== "0-0" || moved > 0);
  }

  #open(): Blocking {
    const { connections, queue, consumer, blockMs } = this.options;
    const redis = connections.blocking(`fetch:${queue}`, this.keys.streams[0], blockMs);
    const reader = new BlockingReader({
      keys: this.keys,
      consumer,
      redis,
      connections,
      onEntries: (rank, entries) => {
        this.#slackUntil = 0;
        this.#take(rank, entries);
      },
      onRemake: () => (this.#remakes += 1),
      onLost: () => this.suspect(),
    });
    return { redis, reader };
  }

  #take(
    rank: number,
    entries: readonly RawEntry[],
    isKnown: (position: EntryPosition) => boolean = () => false,
  ): number {
    const stream = this.keys.streams[rank]!;
    let usable = 0;
    for (const [id, fields] of entries) {
      const position = { queue: this.options.queue, rank, stream, id };
      if (!isKnown(position) && this.options.onEntry(position, fields)) usable += 1;
    }
    return usable;
  }

  /** Redis may have executed a read that failed here. */
  #watch(reply: Promise<unknown>): Promise<unknown> {
    return reply.catch((error: unknown) => {
      this.suspect();
      throw error;
    });
  }
}
