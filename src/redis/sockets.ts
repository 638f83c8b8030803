import { Redis, type RedisOptions } from "ioredis";

import { type BackoffBounds, backoffMs } from "../lib/async/backoff.ts";
import type { Logger } from "../lib/log/log.ts";
import { LogLimit } from "../lib/log/log-limit.ts";
import { clientOptions, type Finder } from "./client.ts";
import { plainError, replyCode } from "./errors.ts";
import type { RedisTarget } from "./url.ts";

export interface OpenOptions {
  /** What `CLIENT LIST` shows after the app's name. */
  readonly name: string;
  /** Where each attempt connects to. */
  readonly find: Finder;
  /** How logs name the server of the last attempt. @default the target's label */
  readonly label?: () => string;
  /** Whether a reply MOVED makes the connection find its server again. @default false */
  readonly followsMoved?: boolean;
  /**
   * Checks a server that was just reached. After false the connection finds another one.
   *
   * @default accepts all
   */
  readonly accepts?: (redis: Redis) => Promise<boolean>;
  readonly overrides: RedisOptions;
}

/** A command without a reply fails after this time. Its socket is replaced shortly after. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/**
 * A server that accepts a connection and does not answer the handshake in this time is left.
 * Shorter than COMMAND_TIMEOUT_MS: ioredis takes a handshake whose commands timed out for one that
 * succeeded.
 */
const HANDSHAKE_TIMEOUT_MS = 1_500;
/** Delays between attempts to reconnect. */
export const RECONNECT = { firstMs: 50, maxMs: 1_000 } as const satisfies BackoffBounds;
/** A connection that is sent away sooner than this counts as a further failure of the same kind. */
const SETTLED_MS = 2_000;

/**
 * Overrides for connections that send commands: they fail at once while disconnected, so that
 * callers can go on.
 */
export const FOR_COMMANDS = {
  enableOfflineQueue: false,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS + 500,
} as const satisfies RedisOptions;

/**
 * Opens connections to the servers of one target. Each reconnects without end. Each outage is
 * logged once.
 */
export class RedisSockets {
  readonly #open = new Set<Redis>();
  readonly #down = new Set<Redis>();
  readonly #outages = new LogLimit(10_000);
  #downSince: number | null = null;
  /** False until the first connect: its caller reports failures itself. */
  logsOutages = false;

  constructor(
    private readonly target: RedisTarget,
    private readonly name: string,
    private readonly log: Logger,
  ) {}

  open(options: OpenOptions): Redis {
    const { name, find, label = () => this.target.label, followsMoved = false, accepts, overrides } = options;
    const policy = new ReconnectPolicy(followsMoved);
    const redis = new Redis({
      ...clientOptions(this.target, find),
      db: this.target.db,
      connectionName: `${this.name}:${name}`,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: 10_000,
      // Commands that wait fail as soon as the connection is lost: each caller decides whether to
      // send them again.
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => policy.delay(times),
      reconnectOnError: (error) => policy.mustReconnect(error),
      ...overrides,
      replyMapping: "legacy",
    });
    redis.on("connect", () => limitHandshake(redis));
    redis.on("error", (error) => this.#lost(redis, label, error));
    redis.on("close", () => this.#lost(redis, label, null));
    redis.on("ready", () => {
      policy.connected();
      this.#found(redis);
      void accepts?.(redis).then((accepted) => {
        if (accepted || !this.#open.has(redis)) return;
        policy.sentAway();
        redis.disconnect(true);
      });
    });
    this.#open.add(redis);
    return redis;
  }

  /** Closes one connection. */
  release(redis: Redis): void {
    this.#open.delete(redis);
    redis.disconnect();
    this.#found(redis);
  }

  releaseAll(): void {
    for (const redis of this.#open) this.release(redis);
  }

  #lost(redis: Redis, label: () => string, error: Error | null): void {
    // A connection that was released is of no interest.
    if (!this.#open.has(redis) || !this.logsOutages) return;
    this.#down.add(redis);
    if (this.#downSince !== null) return;
    this.#downSince = performance.now();
    this.#outages.pass((heldBack) =>
      this.log.warn("Redis connection lost, reconnecting", {
        redis: label(),
        ...(error ? { err: plainError(error) } : {}),
        ...(heldBack > 0 ? { earlierOutages: heldBack } : {}),
      }),
    );
  }

  #found(redis: Redis): void {
    this.#down.delete(redis);
    if (this.#downSince === null || this.#down.size > 0) return;
    const awayMs = Math.round(performance.now() - this.#downSince);
    this.#downSince = null;
    this.log.debug("Redis connection restored", { redis: this.target.label, awayMs });
  }
}

/**
 * The kernel of a frozen host accepts connections. The timeouts of commands would notice only after
 * a blocking read.
 */
function limitHandshake(redis: Redis): void {
  const { stream } = redis;
  const timer = setTimeout(
    () => stream.destroy(new Error(`no reply to the handshake within ${HANDSHAKE_TIMEOUT_MS} ms`)),
    HANDSHAKE_TIMEOUT_MS,
  );
  const over = (): void => {
    clearTimeout(timer);
    redis.off("ready", over);
    stream.off("close", over);
  };
  redis.on("ready", over);
  stream.on("close", over);
}

/**
 * When to reconnect. A server that accepts a connection and sends it away counts as a failure, so
 * that it is not asked without end.
 */
class ReconnectPolicy {
  #failures = 0;
  #connectedAt = -Infinity;

  constructor(private readonly followsMoved: boolean) {}

  connected(): void {
    this.#connectedAt = performance.now();
  }

  /**
   * After a failover the old master may live on as a replica. On a cluster the slot may be at
   * another node.
   */
  mustReconnect(error: Error): boolean {
    const code = replyCode(error);
    const must = code === "READONLY" || (this.followsMoved && code === "MOVED");
    if (must) this.sentAway();
    return must;
  }

  sentAway(): void {
    this.#forgetOld();
    this.#failures += 1;
  }

  delay(times: number): number {
    this.#forgetOld();
    return backoffMs(Math.max(times, this.#failures), RECONNECT);
  }

  #forgetOld(): void {
    if (performance.now() - this.#connectedAt > SETTLED_MS) this.#failures = 0;
  }
}
