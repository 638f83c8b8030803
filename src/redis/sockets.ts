import { Redis, type RedisOptions } from "ioredis";

import type { Logger } from "../lib/log.ts";
import { LogLimit } from "../lib/log-limit.ts";
import { connectorTo, type Finder } from "./connector.ts";
import { plainError, replyCode } from "./errors.ts";
import { credentials, PLAIN } from "./ask-once.ts";
import type { RedisTarget } from "./url.ts";

export interface OpenOptions {
  /** What `CLIENT LIST` shows after the app's name. */
  readonly name: string;
  /** Where each connect goes. */
  readonly find: Finder;
  /** What records call the place that it led to last. @default the target's label */
  readonly label?: () => string;
  /** Whether the place may be another one after an answer MOVED. @default false */
  readonly moves?: boolean;
  /** Looks at a place that was just reached; false sends the connection on to find another. @default all are right */
  readonly isRight?: (redis: Redis) => Promise<boolean>;
  readonly special: RedisOptions;
}

/** A command that got no answer for so long fails; its socket is replaced a little later. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A place that takes a connection and does not answer its first words in so long is left again. */
const HANDSHAKE_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_MS = 1_000;
/** A connection that was sent away again before so long counts as another failure of the same kind. */
const SETTLED_MS = 2_000;

/** What a connection for commands is made with: it fails at once while it is down, so that callers can go on without. */
export const FOR_COMMANDS = {
  enableOfflineQueue: false,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS + 500,
} as const satisfies RedisOptions;

/** Opens connections to the parts of one Redis. Each reconnects by itself, for ever; one record per outage goes to the log. */
export class RedisSockets {
  readonly #open = new Set<Redis>();
  readonly #down = new Set<Redis>();
  readonly #outages = new LogLimit(10_000);
  #downSince: number | null = null;
  /** Whether outages are told. Before the first connect whoever connects tells. */
  telling = false;

  constructor(
    private readonly target: RedisTarget,
    private readonly name: string,
    private readonly log: Logger,
  ) {}

  open({ name, find, label = () => this.target.label, moves = false, isRight, special }: OpenOptions): Redis {
    const { db, tls } = this.target;
    const way = new WayBack(moves);
    const redis = new Redis({
      ...PLAIN,
      ...credentials(this.target),
      ...(tls ? { tls } : {}),
      Connector: connectorTo(find, tls),
      db,
      connectionName: `${this.name}:${name}`,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: 10_000,
      // Waiting commands fail as soon as the connection is lost: each caller knows best whether to send them again.
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => way.delay(times),
      reconnectOnError: (error) => way.leadsElsewhere(error),
      ...special,
      replyMapping: "legacy",
    });
    redis.on("connect", () => limitHandshake(redis));
    redis.on("error", (error) => this.#lost(redis, label, error));
    redis.on("close", () => this.#lost(redis, label, null));
    redis.on("ready", () => {
      way.found();
      this.#found(redis);
      void isRight?.(redis).then((right) => {
        if (right || !this.#open.has(redis)) return;
        way.sentOn();
        redis.disconnect(true);
      });
    });
    this.#open.add(redis);
    return redis;
  }

  /** Ends one connection. */
  release(redis: Redis): void {
    this.#open.delete(redis);
    redis.disconnect();
    this.#found(redis);
  }

  releaseAll(): void {
    for (const redis of this.#open) this.release(redis);
  }

  #lost(redis: Redis, label: () => string, error: Error | null): void {
    // After a release, nobody wants to know.
    if (!this.#open.has(redis) || !this.telling) return;
    this.#down.add(redis);
    if (this.#downSince !== null) return;
    this.#downSince = performance.now();
    const facts = error ? { err: plainError(error) } : {};
    this.#outages.pass((heldBack) =>
      this.log.warn(`Redis at ${label()} is away; reconnecting`, {
        ...facts,
        ...(heldBack > 0 ? { earlierOutages: heldBack } : {}),
      }),
    );
  }

  #found(redis: Redis): void {
    this.#down.delete(redis);
    if (this.#downSince === null || this.#down.size > 0) return;
    const awayMs = Math.round(performance.now() - this.#downSince);
    this.#downSince = null;
    this.log.debug(`Redis at ${this.target.label} is back`, { awayMs });
  }
}

/** A frozen host's kernel goes on taking connections; the limits for commands would notice only as late as a read may block. */
function limitHandshake(redis: Redis): void {
  const { stream } = redis;
  const timer = setTimeout(
    () => stream.destroy(new Error(`No answer within ${HANDSHAKE_TIMEOUT_MS} ms of connecting.`)),
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

/** When to connect again. A place that lets us in and sends us on must not be asked without end: that counts as a failure, too. */
class WayBack {
  #times = 0;
  #foundAt = -Infinity;

  constructor(private readonly moves: boolean) {}

  found(): void {
    this.#foundAt = performance.now();
  }

  /** After a failover the old master may live on as a replica, and a slot may have gone to another node: connect anew. */
  leadsElsewhere(error: Error): boolean {
    const code = replyCode(error);
    const elsewhere = code === "READONLY" || (this.moves && code === "MOVED");
    if (elsewhere) this.sentOn();
    return elsewhere;
  }

  sentOn(): void {
    this.#forget();
    this.#times += 1;
  }

  delay(times: number): number {
    this.#forget();
    return reconnectDelay(Math.max(times, this.#times));
  }

  #forget(): void {
    if (performance.now() - this.#foundAt > SETTLED_MS) this.#times = 0;
  }
}

/** Full jitter on the upper half, so that a fleet does not return in one moment. */
export function reconnectDelay(times: number): number {
  const ceiling = Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
