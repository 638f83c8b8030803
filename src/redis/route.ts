import type { Redis } from "ioredis";

import type { Finder } from "./connector.ts";
import { connectFirst } from "./first-connect.ts";
import { RedisSentinels } from "./sentinels.ts";
import { FOR_COMMANDS, type OpenOptions, type RedisSockets } from "./sockets.ts";
import type { RedisTarget } from "./url.ts";

/** How commands find their way in one form of Redis. */
export interface RedisRoute {
  /** Connects, with a few tries. @throws StartError */
  connect(): Promise<void>;
  /** Runs commands where a key is served. They may be run again, elsewhere, when the key was not served there. */
  run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  /** Runs commands at each master. */
  everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]>;
  /** Opens a connection of its own to where a key is served, which follows the key. */
  open(key: string, options: Pick<OpenOptions, "name" | "special">): Redis;
  /** Runs commands at the very Redis that a connection of `open` leads to now. */
  runBeside<Result>(redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  /** Opens nothing any more. */
  close(): void;
}

/** One Redis serves every key: a server, by its address or its socket, or the master that sentinels name. */
export class SingleRoute implements RedisRoute {
  readonly #commands: Redis;
  readonly #find: Finder;
  readonly #sentinels: RedisSentinels | null;

  constructor(
    private readonly target: RedisTarget,
    private readonly sockets: RedisSockets,
  ) {
    const { place, tls } = target;
    this.#sentinels = place.kind === "sentinel" ? new RedisSentinels(place, tls) : null;
    this.#find = findIn(target, this.#sentinels);
    this.#commands = this.#open({ name: "commands", special: FOR_COMMANDS });
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

  open(_key: string, options: Pick<OpenOptions, "name" | "special">): Redis {
    return this.#open(options);
  }

  runBeside<Result>(_redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    return commands(this.#commands);
  }

  close(): void {
    // Nothing is opened here unasked.
  }

  #open(options: Pick<OpenOptions, "name" | "special">): Redis {
    const check = this.#sentinels ? { isRight: (redis: Redis) => this.#isMaster(redis) } : {};
    return this.sockets.open({ ...options, find: this.#find, ...check });
  }

  /** A sentinel that was cut off may go on naming the old master. */
  async #isMaster(redis: Redis): Promise<boolean> {
    // A subscriber may not ask; messages reach replicas, too.
    if (redis.mode === "subscriber") return true;
    const facts = await redis.info("replication").catch(() => "");
    const isReplica = /^role:slave/m.test(facts);
    if (isReplica) this.#sentinels?.distrust();
    return !isReplica;
  }
}

function findIn({ place }: RedisTarget, sentinels: RedisSentinels | null): Finder {
  if (sentinels) return async () => ({ ...(await sentinels.master()) });
  if (place.kind === "server") return async () => ({ ...place.address });
  return async () => ({ path: place.kind === "socket" ? place.path : "" });
}
