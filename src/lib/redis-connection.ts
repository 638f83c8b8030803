import { Redis, type RedisOptions } from "ioredis";

import { StartError } from "../errors.ts";
import type { Logger } from "./log.ts";
import { LogLimit } from "./log-limit.ts";
import { isAftermath, isRefusal, plainError } from "./redis-errors.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

export interface RedisConnectionsOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  readonly log: Logger;
  /** Start of the names that `CLIENT LIST` shows. @default "lovage" */
  readonly name?: string;
}

/** A command that got no answer for so long fails; its socket is replaced a little later. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** How much later than its block time a blocking read may answer before its socket counts as dead. */
const BLOCK_GRACE_MS = 3_000;
const FIRST_CONNECT_MS = 4_500;
const FIRST_CONNECT_TRIES = 5;
const MAX_RECONNECT_MS = 2_000;

/** All connections of a process to one Redis. Each reconnects by itself, for ever; one record per outage goes to the log. */
export class RedisConnections {
  readonly target: RedisTarget;
  /** For everything that answers at once. Fails at once while there is no connection, so that callers can go on without. */
  readonly commands: Redis;
  readonly #open = new Set<Redis>();
  readonly #down = new Set<Redis>();
  readonly #outages = new LogLimit(10_000);
  #downSince: number | null = null;
  #connecting: Promise<void> | null = null;
  #connected = false;

  /** @throws ConfigError for a URL that cannot be used */
  constructor(private readonly options: RedisConnectionsOptions) {
    this.target = parseRedisUrl(options.url);
    this.commands = this.#make("commands", {
      enableOfflineQueue: false,
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: COMMAND_TIMEOUT_MS + 500,
    });
  }

  /**
   * Connects, with a few tries. May be called by each part that shares these connections.
   *
   * @throws StartError within 5 s: 69 when Redis cannot be reached, 77 when it refuses us, 78 when it lacks the database
   */
  connect(): Promise<void> {
    this.#connecting ??= this.#firstConnect().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  /** A connection for reads that block up to `blockMs`. A read that was lost with its socket fails; it is never sent again. */
  blocking(name: string, blockMs: number): Redis {
    return this.#make(name, {
      autoResendUnfulfilledCommands: false,
      socketTimeout: blockMs + BLOCK_GRACE_MS,
    });
  }

  /** A connection for subscriptions, which are made again after a reconnect. */
  subscriber(): Redis {
    return this.#make("subscriber", { maxRetriesPerRequest: null, socketTimeout: BLOCK_GRACE_MS });
  }

  /** Ends one connection that was made here. */
  release(redis: Redis): void {
    this.#open.delete(redis);
    redis.disconnect();
    this.#found(redis);
  }

  /** Ends all connections. Commands that still wait fail. */
  async close(): Promise<void> {
    for (const redis of this.#open) this.release(redis);
  }

  #make(name: string, special: RedisOptions): Redis {
    const { host, port, db, tls, username, password } = this.target;
    const redis = new Redis({
      ...{ host, port, db, connectionName: `${this.options.name ?? "lovage"}:${name}` },
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls ? { tls: {} } : {}),
      // One shape of replies, also behind proxies that do not know HELLO.
      protocol: 2,
      disableClientInfo: true,
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAlive: 10_000,
      // Waiting commands fail as soon as the connection is lost: each caller knows best whether to send them again.
      maxRetriesPerRequest: 0,
      retryStrategy: reconnectDelay,
      // After a failover the old master may live on as a replica: connect anew, by name.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
      ...special,
      replyMapping: "legacy",
    });
    redis.on("error", (error) => this.#lost(redis, error));
    redis.on("close", () => this.#lost(redis, null));
    redis.on("ready", () => this.#found(redis));
    this.#open.add(redis);
    return redis;
  }

  #lost(redis: Redis, error: Error | null): void {
    // Before the first connect, connect() tells; after a release, nobody wants to know.
    if (!this.#open.has(redis) || !this.#connected) return;
    this.#down.add(redis);
    if (this.#downSince !== null) return;
    this.#downSince = performance.now();
    const facts = error ? { err: plainError(error) } : {};
    this.#outages.pass((heldBack) =>
      this.options.log.warn(`Redis at ${this.target.label} is away; reconnecting`, {
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
    this.options.log.debug(`Redis at ${this.target.label} is back`, { awayMs });
  }

  #firstConnect(): Promise<void> {
    const redis = this.commands;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let tries = 0;
    let lastError: Error | null = null;
    const fail = (): void => reject(startError(this.target, lastError, tries));
    const onError = (error: Error): void => {
      if (!isAftermath(error)) lastError = error;
      if (isRefusal(error) || isMissingDatabase(error)) fail();
    };
    const onClose = (): void => {
      tries += 1;
      if (tries >= FIRST_CONNECT_TRIES) fail();
    };
    const timer = setTimeout(fail, FIRST_CONNECT_MS);
    redis.on("error", onError).on("close", onClose).once("ready", resolve);
    redis.connect().catch(() => undefined); // The listeners above know more than its error says.
    return promise
      .then(() => void (this.#connected = true))
      .catch((error: unknown) => {
        redis.disconnect();
        throw error;
      })
      .finally(() => {
        clearTimeout(timer);
        redis.off("error", onError).off("close", onClose).off("ready", resolve);
      });
  }
}

/** Full jitter on the upper half, so that a fleet does not return in one moment. */
function reconnectDelay(times: number): number {
  const ceiling = Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function isMissingDatabase(error: Error): boolean {
  return /DB index is out of range|SELECT is not allowed/.test(error.message);
}

function startError(target: RedisTarget, error: Error | null, tries: number): StartError {
  const cause = error ? plainError(error) : undefined;
  const options = cause ? { cause } : {};
  if (isRefusal(error)) {
    const advice = "Correct the user and password in REDIS_URL, or the user's rights.";
    return new StartError(`Redis at ${target.label} refused us (${cause?.message}). ${advice}`, 77, options);
  }
  if (error && isMissingDatabase(error)) {
    const advice = "Name another one in REDIS_URL, or raise Redis' setting databases.";
    return new StartError(`Redis at ${target.label} has no database ${target.db}. ${advice}`, 78, options);
  }
  const reason = reasonOf(cause);
  const advice = "Start Redis there, or correct REDIS_URL.";
  const count = Math.max(1, tries);
  return new StartError(
    `Cannot reach Redis at ${target.label} (${reason}), tried ${count} ${count === 1 ? "time" : "times"}. ${advice}`,
    69,
    options,
  );
}

function reasonOf(cause: Error | undefined): string {
  if (!cause) return "no answer, or the connection was closed";
  if (/report this/.test(cause.message)) return "what answers there is no Redis";
  const { code } = cause as { readonly code?: unknown };
  return typeof code === "string" ? code : cause.message;
}
