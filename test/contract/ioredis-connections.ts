import { Cluster, Redis, type RedisOptions } from "ioredis";

import type { RedisConnections } from "../../src/redis/connections.ts";
import { parseRedisUrl, type RedisTarget } from "../../src/redis/url.ts";

/** What the parts of Lovage need from connections to Redis. */
export type ConnectionsPort = Pick<
  RedisConnections,
  "connect" | "run" | "everywhere" | "blocking" | "unblock" | "subscriber" | "release" | "close"
>;

/** The options that our own connections have. */
const COMMON = {
  protocol: 2,
  disableClientInfo: true,
  connectTimeout: 2_000,
  keepAlive: 10_000,
  maxRetriesPerRequest: 0,
  replyMapping: "legacy",
} as const satisfies RedisOptions;
const COMMANDS = { commandTimeout: 2_000, socketTimeout: 2_500 } as const satisfies RedisOptions;
const delay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 1_000);
const ignore = (): void => undefined;

/**
 * The same port made of ioredis' own `Cluster` and Sentinel connector, with the options that come
 * closest to what Lovage promises. The contract of connections runs against it to find out when
 * ours may go: see docs/decisions/0006-redis-client.md.
 */
export function ioredisConnections(url: string): ConnectionsPort {
  const target = parseRedisUrl(url);
  return target.endpoint.kind === "cluster"
    ? new ClusterConnections(target)
    : new SentinelConnections(target);
}

class ClusterConnections implements ConnectionsPort {
  readonly #open = new Set<Cluster>();
  readonly #commands: Cluster;

  constructor(private readonly target: RedisTarget) {
    this.#commands = this.#cluster(COMMANDS, "commands");
  }

  async connect(): Promise<void> {
    await this.#commands.connect();
    // Each node connects with its first command, and refuses others until then.
    await this.everywhere((node) => node.ping());
  }

  run<Result>(_key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return commands(this.#commands as unknown as Redis);
  }

  everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.#commands.nodes("master").map(commands));
  }

  blocking(name: string, _key: string, blockMs: number): Redis {
    return this.#cluster({ socketTimeout: blockMs + 3_000 }, name) as unknown as Redis;
  }

  /**
   * The id of a client is only known to its node, and ioredis does not return which node that was.
   */
  async unblock(_redis: Redis, clientId: number): Promise<void> {
    await this.everywhere((node) => node.client("UNBLOCK", clientId));
  }

  subscriber(): Redis {
    return this.#cluster({ socketTimeout: 3_000 }, "subscriber") as unknown as Redis;
  }

  release(redis: Redis): void {
    redis.disconnect();
  }

  async close(): Promise<void> {
    for (const cluster of this.#open) cluster.disconnect();
  }

  #cluster(special: typeof COMMANDS | { readonly socketTimeout: number }, name: string): Cluster {
    const { endpoint, username, password, tls } = this.target;
    const cluster = new Cluster(endpoint.kind === "cluster" ? [...endpoint.nodes] : [], {
      lazyConnect: true,
      enableOfflineQueue: name !== "commands",
      enableReadyCheck: false,
      clusterRetryStrategy: delay,
      // A command that was lost on its way is not sent again.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      maxRedirections: 5,
      slotsRefreshInterval: 5_000,
      dnsLookup: (host, done) => done(null, host),
      redisOptions: {
        ...COMMON,
        enableReadyCheck: false,
        connectionName: `lovage:${name}`,
        ...(username === null ? {} : { username }),
        ...(password === null ? {} : { password }),
        ...(tls ? { tls } : {}),
        ...special,
      },
    });
    cluster.on("error", ignore);
    this.#open.add(cluster);
    return cluster;
  }
}

class SentinelConnections implements ConnectionsPort {
  readonly #open = new Set<Redis>();
  readonly #commands: Redis;

  constructor(private readonly target: RedisTarget) {
    this.#commands = this.#redis({ ...COMMANDS, enableOfflineQueue: false }, "commands");
  }

  connect(): Promise<void> {
    return this.#commands.connect();
  }

  run<Result>(_key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return commands(this.#commands);
  }

  async everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    return [await commands(this.#commands)];
  }

  blocking(name: string, _key: string, blockMs: number): Redis {
    return this.#redis({ autoResendUnfulfilledCommands: false, socketTimeout: blockMs + 3_000 }, name);
  }

  async unblock(_redis: Redis, clientId: number): Promise<void> {
    await this.#commands.client("UNBLOCK", clientId);
  }

  subscriber(): Redis {
    return this.#redis({ maxRetriesPerRequest: null, socketTimeout: 3_000 }, "subscriber");
  }

  release(redis: Redis): void {
    redis.disconnect();
  }

  async close(): Promise<void> {
    for (const redis of this.#open) redis.disconnect();
  }

  #redis(special: Omit<RedisOptions, "replyMapping">, name: string): Redis {
    const { endpoint, username, password, tls, db } = this.target;
    if (endpoint.kind !== "sentinel") throw new Error(`expected sentinels, got a ${endpoint.kind}`);
    const redis = new Redis({
      ...COMMON,
      lazyConnect: true,
      // The role of a server that was just reached is looked at by the ready check only.
      enableReadyCheck: true,
      sentinels: [...endpoint.sentinels],
      name: endpoint.master,
      ...(endpoint.password === null ? {} : { sentinelPassword: endpoint.password }),
      sentinelCommandTimeout: 1_000,
      sentinelRetryStrategy: delay,
      updateSentinels: false,
      connectionName: `lovage:${name}`,
      db,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls ? { tls, sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
      retryStrategy: delay,
      reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
      ...special,
      replyMapping: "legacy",
    });
    redis.on("error", ignore);
    this.#open.add(redis);
    return redis;
  }
}
