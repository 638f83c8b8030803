import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";

import { StartError, toError } from "../errors.ts";
import { replyCode } from "./errors.ts";
import { FIRST_CONNECT_MS, startError } from "./first-connect.ts";
import type { RedisRoute } from "./route.ts";
import { slotOf } from "./slot.ts";
import { FOR_COMMANDS, type OpenOptions, reconnectDelay, type RedisSockets } from "./sockets.ts";
import { addressOf, RedisTopology } from "./topology.ts";
import { type RedisAddress, type RedisTarget, showAddress } from "./url.ts";

interface Node {
  readonly address: RedisAddress;
  readonly redis: Redis;
  /** Settles with the first attempt to connect, however it ends. */
  readonly attempted: Promise<void>;
}

/** A slot on its way from one node to another sends us to and fro: so often at most, then the caller backs off. */
const MAX_TRIES = 5;
const TRY_AGAIN_MS = 25;

/**
 * A cluster: each command goes to the master of its key's slot, over one connection per master. A node that is away fails the commands
 * of its own slots at once, and no others. Redirections are followed; what they say and every lost connection make us look at the
 * cluster anew.
 */
export class ClusterRoute implements RedisRoute {
  readonly #nodes = new Map<string, Node>();
  readonly #topology: RedisTopology;
  /** Where connections of `open` lead to. */
  readonly #places = new WeakMap<Redis, RedisAddress>();
  #closed = false;

  constructor(
    private readonly target: RedisTarget,
    private readonly sockets: RedisSockets,
    seeds: readonly RedisAddress[],
  ) {
    this.#topology = new RedisTopology(target, seeds, () => this.#meetMasters());
  }

  async connect(): Promise<void> {
    const end = new AbortController();
    const { signal } = end;
    const failures: Error[] = [];
    // Nodes that accept connections and stay silent would take longer than anyone wants to wait for a start.
    const late = pause(FIRST_CONNECT_MS, undefined, { signal }).catch(() => undefined);
    try {
      await Promise.race([this.#meet(signal, (error) => failures.push(error)), late]);
    } finally {
      end.abort();
    }
    if (this.#topology.masters.size > 0) return;
    throw startError(this.target, failures.at(-1) ?? null, failures.length);
  }

  async run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    const slot = slotOf(key);
    let node = this.#ownerOf(slot);
    let asking = false;
    for (let tries = 1; ; tries += 1) {
      await ready(node);
      try {
        // The permission holds for one command: the first of what follows it on the connection.
        if (asking) void node.redis.call("ASKING").catch(() => undefined);
        return await commands(node.redis);
      } catch (error) {
        const code = replyCode(error);
        if (tries >= MAX_TRIES || !(error instanceof Error)) throw error;
        if (code === "TRYAGAIN") await pause(TRY_AGAIN_MS * 2 ** tries);
        else if (code === "MOVED" || code === "ASK") node = this.#follow(error, node);
        else throw error;
        asking = code === "ASK";
      }
    }
  }

  async everywhere<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result[]> {
    if (this.#topology.masters.size === 0) throw noNode();
    return Promise.all(
      [...this.#topology.masters.values()].map(async (address) => {
        const node = this.#node(address);
        await ready(node);
        return commands(node.redis);
      }),
    );
  }

  open(key: string, options: Pick<OpenOptions, "name" | "special">): Redis {
    const slot = slotOf(key);
    const redis: Redis = this.sockets.open({
      ...options,
      moves: true,
      label: () => {
        const address = this.#places.get(redis);
        return address ? showAddress(address) : this.target.label;
      },
      find: async () => {
        await this.#topology.refresh();
        const address = this.#topology.ownerOf(slot);
        if (!address) throw noNode();
        this.#places.set(redis, address);
        return { ...address };
      },
    });
    return redis;
  }

  async runBeside<Result>(redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    const address = this.#places.get(redis);
    const node = address && this.#nodes.get(showAddress(address));
    if (!node) throw noNode();
    return commands(node.redis);
  }

  close(): void {
    this.#closed = true;
  }

  /** Asks until someone says who the masters are, and tries to connect to each. @throws StartError when asking is of no use */
  async #meet(signal: AbortSignal, onFailure: (error: Error) => void): Promise<void> {
    for (let tries = 1; !signal.aborted && this.#topology.masters.size === 0; tries += 1) {
      try {
        await this.#topology.refresh();
      } catch (error) {
        if (error instanceof StartError) throw error;
        onFailure(toError(error));
        await pause(reconnectDelay(tries));
      }
    }
    await Promise.all([...this.#nodes.values()].map((node) => node.attempted));
  }

  #ownerOf(slot: number): Node {
    const address = this.#topology.ownerOf(slot);
    if (address) return this.#node(address);
    this.#lookAnew();
    throw noNode();
  }

  /** "MOVED 3999 127.0.0.1:6381": the slot belongs there for good; "ASK …": only this once. */
  #follow(error: Error, from: Node): Node {
    const [code, slot, place = ""] = error.message.split(" ");
    const colon = place.lastIndexOf(":");
    const address = addressOf(place.slice(0, colon), Number(place.slice(colon + 1)), from.address);
    if (code === "MOVED") {
      this.#topology.moved(Number(slot), address);
      this.#lookAnew();
    }
    return this.#node(address);
  }

  #node(address: RedisAddress): Node {
    const label = showAddress(address);
    let node = this.#nodes.get(label);
    if (!node) this.#nodes.set(label, (node = this.#openNode(address, label)));
    return node;
  }

  #openNode(address: RedisAddress, label: string): Node {
    const find = async (): Promise<RedisAddress> => ({ ...address });
    const redis = this.sockets.open({ name: "commands", label: () => label, find, special: FOR_COMMANDS });
    // While a node is away each of its failed attempts comes here: so the one that takes its place is soon known.
    redis.on("close", () => this.#lookAnew());
    return { address, redis, attempted: redis.connect().catch(() => undefined) };
  }

  #lookAnew(): void {
    if (!this.#closed) this.#topology.refresh().catch(() => undefined);
  }

  /** One connection to each master, and none to those that are masters no more. */
  #meetMasters(): void {
    if (this.#closed) return;
    for (const address of this.#topology.masters.values()) this.#node(address);
    for (const [label, { redis }] of this.#nodes) {
      if (this.#topology.masters.has(label)) continue;
      this.#nodes.delete(label);
      this.sockets.release(redis);
    }
  }
}

/** A node that was just met is waited for; one that is away is not. */
async function ready({ redis, attempted }: Node): Promise<void> {
  if (redis.status !== "ready") await attempted;
}

function noNode(): Error {
  return new Error("no node of the cluster serves this key at present");
}
