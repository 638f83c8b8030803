import type { Redis } from "ioredis";

import type { Logger } from "../lib/log/log.ts";
import { ClusterRoute } from "./cluster-route.ts";
import { type RedisRoute, SingleRoute } from "./route.ts";
import { RedisSockets } from "./sockets.ts";
import { parseRedisUrl, type RedisTarget } from "./url.ts";

export interface RedisConnectionsOptions {
  /** Any URL that `parseRedisUrl` accepts. */
  readonly url: string;
  readonly log: Logger;
  /** Prefix of the names that `CLIENT LIST` shows. @default "lovage" */
  readonly name?: string;
}

/**
 * How much later than its block time a blocking read may answer before its socket counts as dead.
 */
const BLOCK_GRACE_MS = 3_000;

/**
 * All connections of a process to one Redis: a single server, the master that sentinels name, or a
 * cluster. Callers name a key, and their commands run where that key is served. Commands on several
 * keys need keys with one hash tag. See docs/decisions/0006-redis-client.md for why ioredis' own
 * `Cluster` is not used.
 */
export class RedisConnections {
  readonly target: RedisTarget;
  readonly #sockets: RedisSockets;
  readonly #route: RedisRoute;
  #connecting: Promise<void> | null = null;

  /** @throws ConfigError for a URL that cannot be used */
  constructor({ url, log, name = "lovage" }: RedisConnectionsOptions) {
    this.target = parseRedisUrl(url);
    const { endpoint } = this.target;
    this.#sockets = new RedisSockets(this.target, name, log);
    this.#route =
      endpoint.kind === "cluster"
        ? new ClusterRoute(this.target, this.#sockets, endpoint.nodes)
        : new SingleRoute(this.target, this.#sockets);
  }

  /**
   * Connects, with a few attempts. Each part that shares these connections may call it.
   *
   * @throws StartError within 5 s: 69 when Redis cannot be reached, 77 when it denies access, 78
   * when it lacks the database or is of another kind than the URL
   */
  connect(): Promise<void> {
    this.#connecting ??= this.#route.connect().then(
      () => void (this.#sockets.logsOutages = true),
      (error: unknown) => {
        this.#connecting = null;
        throw error;
      },
    );
    return this.#connecting;
  }

  /**
   * Runs commands that do not block, where the key is served. Fails at once while there is no
   * connection, so that callers can go on without Redis. On a cluster `commands` may be called
   * again for another node, but only when the first node did nothing.
   */
  run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return this.#route.run(key, commands);
  }

  /** Runs commands at each master. A cluster has several. */
  everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    return this.#route.everywhere(commands);
  }

  /**
   * Opens a connection for reads of `key` that block up to `blockMs`. It follows the key to the
   * node that serves it. A read fails when its socket is lost; it is never sent again.
   */
  blocking(name: string, key: string, blockMs: number): Redis {
    return this.#route.open(key, {
      name,
      overrides: { autoResendUnfulfilledCommands: false, socketTimeout: blockMs + BLOCK_GRACE_MS },
    });
  }

  /** Ends the read that a connection of `blocking` waits in, given the id of its client. */
  async unblock(redis: Redis, clientId: number): Promise<void> {
    await this.#route.runBeside(redis, (beside) => beside.client("UNBLOCK", clientId));
  }

  /** Opens a connection for subscriptions to `channel`. It subscribes again after a reconnect. */
  subscriber(channel: string): Redis {
    const overrides = { maxRetriesPerRequest: null, socketTimeout: BLOCK_GRACE_MS };
    return this.#route.open(channel, { name: "subscriber", overrides });
  }

  /** Closes one connection of `blocking` or `subscriber`. */
  release(redis: Redis): void {
    this.#sockets.release(redis);
  }

  /** Closes all connections. Commands that still wait fail. */
  async close(): Promise<void> {
    this.#sockets.logsOutages = false;
    this.#route.close();
    this.#sockets.releaseAll();
  }
}
