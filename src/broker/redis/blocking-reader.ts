import { once } from "node:events";
import type { Redis } from "ioredis";

import type { RedisConnections } from "../../redis/connections.ts";
import { isMissingGroup } from "../../redis/errors.ts";
import { runScript } from "../../redis/script.ts";
import { GROUP, type QueueKeys } from "./keys.ts";
import type { RawEntry } from "./entries.ts";
import { MAKE_GROUPS } from "./scripts.ts";

export interface BlockingReaderOptions {
  readonly keys: QueueKeys;
  readonly consumer: string;
  /** A connection to where the queue's keys are served. Nothing else is sent on it. */
  readonly redis: Redis;
  readonly connections: Pick<RedisConnections, "run" | "unblock">;
  /** Called with the entries of a read, whether or not a caller still waits for it. */
  readonly onEntries: (rank: number, entries: readonly RawEntry[]) => void;
  /** Called when streams or group were missing and were created again. */
  readonly onRemake: () => void;
  /** Called when a read failed: Redis may have delivered entries that never arrived here. */
  readonly onLost: () => void;
}

type StreamReply = readonly [key: string, entries: readonly RawEntry[]];

/**
 * How long a read waits for a lost connection. Its caller can read without blocking over another
 * connection.
 */
const RETURN_MS = 500;
/**
 * How often CLIENT UNBLOCK is tried, some milliseconds apart, before the socket is closed instead.
 */
const UNBLOCK_TRIES = 10;
const UNBLOCK_PAUSE_MS = 5;

/**
 * Waits for entries in the streams of one queue, with at most one read at a time on its connection.
 * `cancel` ends a read. Entries that it brings before its end still go to `onEntries`.
 */
export class BlockingReader {
  #reading: Promise<void> | null = null;
  #clientId: Promise<number> | null = null;
  /** Ends the wait for the connection, before the read itself. */
  #returning: AbortController | null = null;

  constructor(private readonly options: BlockingReaderOptions) {}

  /**
   * Resolves when entries came, after `blockMs`, or when the read was cancelled. Joins a read that
   * is in progress.
   *
   * @throws the reason, also when the connection is lost and does not return in time
   */
  read(blockMs: number): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read(Math.max(1, Math.ceil(blockMs))).finally(() => (this.#reading = null));
      this.#reading.catch(() => undefined); // Callers that wait get the error. There may be none.
    }
    return this.#reading;
  }

  /** Whether a read is in progress. */
  get reading(): boolean {
    return this.#reading !== null;
  }

  /** Ends the read that is in progress, and no later one; resolves when it has ended. */
  async cancel(): Promise<void> {
    const reading = this.#reading;
    if (!reading) return;
    const over = reading.catch(() => undefined);
    this.#returning?.abort();
    for (let tries = 0; this.#reading === reading && tries < UNBLOCK_TRIES; tries += 1) {
      await this.#unblock(reading).catch(() => this.options.redis.disconnect(true));
      // Redis may get the command to unblock before the read. Then it has no effect.
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, UNBLOCK_PAUSE_MS))]);
    }
    if (this.#reading === reading) this.options.redis.disconnect(true);
    await over;
  }

  async #unblock(reading: Promise<void>): Promise<void> {
    const id = await this.#clientId;
    if (this.#reading === reading && id !== null)
      await this.options.connections.unblock(this.options.redis, id);
  }

  /**
   * Waits for a lost connection; false when the read was cancelled.
   *
   * @throws when it does not return in time
   */
  async #returns(patienceMs: number): Promise<boolean> {
    this.#clientId = null;
    const returning = (this.#returning = new AbortController());
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error("The connection for blocking reads is lost.")),
      patienceMs,
    );
    try {
      await Promise.race([once(this.options.redis, "ready", { signal: returning.signal }), late.promise]);
      return true;
    } catch (error) {
      if (returning.signal.aborted) return false;
      throw error;
    } finally {
      clearTimeout(timer);
      returning.abort();
      this.#returning = null;
    }
  }

  async #read(blockMs: number): Promise<void> {
    const { keys, consumer, redis } = this.options;
    // A new connection connects with its first command, which fails soon when the server is
    // unreachable.
    const lost = redis.status !== "ready" && redis.status !== "wait";
    if (lost && !(await this.#returns(Math.min(blockMs, RETURN_MS)))) return;
    // Highest rank first: Redis serves the first stream that has entries.
    const streams = keys.streams.toReversed();
    try {
      this.#clientId = redis.client("ID");
      this.#clientId.catch(() => undefined);
      const reply = await redis.xreadgroup(
        ...(["GROUP", GROUP, consumer, "COUNT", 1, "BLOCK", blockMs] as const),
        ...(["STREAMS", ...streams, ...streams.map(() => ">")] as unknown as ["STREAMS", ...string[]]),
      );
      for (const [key, entries] of (reply ?? []) as unknown as StreamReply[]) {
        this.options.onEntries(keys.streams.indexOf(key), entries);
      }
    } catch (error) {
      if (!isMissingGroup(error)) {
        this.options.onLost();
        throw error;
      }
      this.options.onRemake();
      await runScript(this.options.connections, MAKE_GROUPS, keys.streams, [GROUP, keys.lifetimeMs]);
    }
  }
}
