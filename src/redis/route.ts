import type { Redis } from "ioredis";

import type { Finder } from "./client.ts";
import { connectFirst } from "./first-connect.ts";
import { RedisSentinels } from "./sentinels.ts";
import { FOR_COMMANDS, type OpenOptions, type RedisSockets } from "./sockets.ts";
import type { RedisTarget } from "./url.ts";

/** How commands reach the server of their key, in one kind of deployment. */
export interface RedisRoute {
  /**
   * Connects, with a few attempts.
   *
   * @throws StartError
   */
  connect(): Promise<void>;
  /**
   * Runs commands where the key is served. They may run again at another server when the key was
   * not served there.
   */
  run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  /** Runs commands at each master. */
  everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]>;
  /** Opens a further connection to where the key is served. It follows the key. */
  open(key: string, options: Pick<OpenOptions, "name" | "overrides">): Redis;
  /** Runs commands at the server that a connection of `open` is connected to now. */
  runBeside<Result>(redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  /** Stops opening connections. */
  close(): void;
}

/**
 * One Redis serves every key: a server, by its address or its socket, or the master that sentinels
 * name.
 */
export class SingleRoute implements RedisRoute {
  readonly #commands: Redis;
  readonly #find: Finder;
  readonly #sentinels: RedisSentinels | null;

  constructor(
    private readonly target: RedisTarget,
    private readonly sockets: RedisSockets,
  ) {
    const { endpoint, tls } = target;
    this.#sentinels = endpoint.kind === "sentinel" ? new RedisSentinels(endpoint, tls) : null;
    this.#find = finderOf(target, this.#sentinels);
    this.#commands = this.#open({ name: "commands", overrides: FOR_COMMANDS });
  }

  async connect(): Promise<void> {
    await connectFirst(this.#commands, this.target);
  }

  run<Result>(_key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return commands(this.#commands);
  }

  async everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    return [await commands(this.#commands)];
  }

  open(_key: string, options: Pick<OpenOptions, "name" | "overrides">): Redis {
    return this.#open(options);
  }

  runBeside<Result>(_redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return commands(this.#commands);
  }

  close(): void {
    // This route opens connections only on request.
  }

  #open(options: Pick<OpenOptions, "name" | "overrides">): Redis {
    const check = this.#sentinels ? { accepts: (redis: Redis) => this.#isMaster(redis) } : {};
    return this.sockets.open({ ...options, find: this.#find, ...check });
  }

  /** A sentinel that was partitioned from the others may still name the old master. */
  async #isMaster(redis: Redis): Promise<boolean> {
    // A subscriber may not send INFO. Messages reach replicas as well.
    if (redis.mode === "subscriber") return true;
    const facts = await redis.info("replication").catch(() => "");
    const isReplica = /^role:slave/m.test(facts);
    if (isReplica) this.#sentinels?.distrust();
    return !isReplica;
  }
}

function finderOf({ endpoint }: RedisTarget, sentinels: RedisSentinels | null): Finder {
  if (sentinels) return async () => ({ ...(await sentinels.master()) });
  if (endpoint.kind === "server") return async () => ({ ...endpoint.address });
  return async () => ({ path: endpoint.kind === "socket" ? endpoint.path : "" });
}
