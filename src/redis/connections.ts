import type { Redis } from "ioredis";

import type { Logger } from "../lib/log.ts";
import { ClusterRoute } from "./cluster-route.ts";
import { type RedisRoute, SingleRoute } from "./route.ts";
import { RedisSockets } from "./sockets.ts";
import { parseRedisUrl, type RedisTarget } from "./url.ts";

export interface RedisConnectionsOptions {
  /** Any form that `parseRedisUrl` reads. */
  readonly url: string;
  readonly log: Logger;
  /** Start of the names that `CLIENT LIST` shows. @default "lovage" */
  readonly name?: string;
}

/** How much later than its block time a blocking read may answer before its socket counts as dead. */
const BLOCK_GRACE_MS = 3_000;

/**
 * All connections of a process to one Redis, in whichever form: a server, the master of some sentinels, a cluster. Callers name the key
 * that they are about, and are led to where it is served; what concerns several keys at once must keep to keys of one hash tag.
 */
export class RedisConnections {
  readonly target: RedisTarget;
  readonly #sockets: RedisSockets;
  readonly #route: RedisRoute;
  #connecting: Promise<void> | null = null;

  /** @throws ConfigError for a URL that cannot be used */
  constructor({ url, log, name = "lovage" }: RedisConnectionsOptions) {
    this.target = parseRedisUrl(url);
    const { place } = this.target;
    this.#sockets = new RedisSockets(this.target, name, log);
    this.#route =
      place.kind === "cluster"
        ? new ClusterRoute(this.target, this.#sockets, place.nodes)
        : new SingleRoute(this.target, this.#sockets);
  }

  /**
   * Connects, with a few tries. May be called by each part that shares these connections.
   *
   * @throws StartError within 5 s: 69 when Redis cannot be reached, 77 when it refuses us, 78 when it lacks the database, or is of
   * another form than the URL says
   */
  connect(): Promise<void> {
    this.#connecting ??= this.#route.connect().then(
      () => void (this.#sockets.telling = true),
      (error: unknown) => {
        this.#connecting = null;
        throw error;
      },
    );
    return this.#connecting;
  }

  /**
   * Runs commands that answer at once where a key is served. Fails at once while there is no connection, so that callers can go on
   * without. On a cluster `commands` may be called again, for another node: only when nothing was done.
   */
  run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return this.#route.run(key, commands);
  }

  /** Runs commands at each master: on a cluster there are several. */
  everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    return this.#route.everywhere(commands);
  }

  /**
   * A connection for reads of `key` that block up to `blockMs`. It follows the key to where it is served. A read that was lost with its
   * socket fails; it is never sent again.
   */
  blocking(name: string, key: string, blockMs: number): Redis {
    return this.#route.open(key, {
      name,
      special: { autoResendUnfulfilledCommands: false, socketTimeout: blockMs + BLOCK_GRACE_MS },
    });
  }

  /** Ends the read that a connection of `blocking` waits in, given its client's id. */
  async unblock(redis: Redis, clientId: number): Promise<void> {
    await this.#route.runBeside(redis, (beside) => beside.client("UNBLOCK", clientId));
  }

  /** A connection for subscriptions to `channel`, which are made again after a reconnect. */
  subscriber(channel: string): Redis {
    const special = { maxRetriesPerRequest: null, socketTimeout: BLOCK_GRACE_MS };
    return this.#route.open(channel, { name: "subscriber", special });
  }

  /** Ends one connection that was made here. */
  release(redis: Redis): void {
    this.#sockets.release(redis);
  }

  /** Ends all connections. Commands that still wait fail. */
  async close(): Promise<void> {
    this.#sockets.telling = false;
    this.#route.close();
    this.#sockets.releaseAll();
  }
}
