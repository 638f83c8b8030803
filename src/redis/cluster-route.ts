import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";

import { StartError } from "../errors.ts";
import { toError } from "../lib/thrown.ts";
import { backoffMs } from "../lib/async/backoff.ts";
import { addressOf, ClusterTopology, slotOf } from "./cluster-topology.ts";
import { replyCode } from "./errors.ts";
import { FIRST_CONNECT_MS, startError } from "./first-connect.ts";
import type { RedisRoute } from "./route.ts";
import { FOR_COMMANDS, type OpenOptions, RECONNECT, type RedisSockets } from "./sockets.ts";
import { type RedisAddress, type RedisTarget, showAddress } from "./url.ts";

interface Node {
  readonly address: RedisAddress;
  readonly redis: Redis;
  /** Settles with the first attempt to connect, whether it succeeded or not. */
  readonly attempted: Promise<void>;
}

/**
 * While a slot moves, nodes may redirect to each other. After this many attempts the command fails.
 */
const MAX_ATTEMPTS = 5;
const TRY_AGAIN_MS = 25;

/**
 * Routes each command to the master that serves its key's slot, over one connection per master. A
 * node that is unreachable fails the commands of its slots at once, and no others. Redirections are
 * followed. They and every lost connection cause a look at the topology.
 */
export class ClusterRoute implements RedisRoute {
  readonly #nodes = new Map<string, Node>();
  readonly #topology: ClusterTopology;
  /** The node that each connection of `open` was last connected to. */
  readonly #openedAt = new WeakMap<Redis, RedisAddress>();
  #closed = false;

  constructor(
    private readonly target: RedisTarget,
    private readonly sockets: RedisSockets,
    seeds: readonly RedisAddress[],
  ) {
    this.#topology = new ClusterTopology(target, seeds, () => this.#keepMasters());
  }

  async connect(): Promise<void> {
    const end = new AbortController();
    const { signal } = end;
    const failures: Error[] = [];
    // Nodes that accept connections and stay silent would hold up a start for too long.
    const late = pause(FIRST_CONNECT_MS, undefined, { signal }).catch(() => undefined);
    try {
      await Promise.race([this.#findMasters(signal, (error) => failures.push(error)), late]);
    } finally {
      end.abort();
    }
    if (this.#topology.masters.size > 0) return;
    throw startError(this.target, failures.at(-1) ?? null, failures.length);
  }

  async run<Result>(key: string, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    let node = this.#ownerOf(slotOf(key));
    let asking = false;
    for (let attempt = 1; ; attempt += 1) {
      await attempted(node);
      try {
        // ASKING permits one command: the next one on this connection.
        if (asking) void node.redis.call("ASKING").catch(() => undefined);
        return await commands(node.redis);
      } catch (error) {
        const code = replyCode(error);
        if (attempt >= MAX_ATTEMPTS || !(error instanceof Error)) throw error;
        if (code === "TRYAGAIN") await pause(TRY_AGAIN_MS * 2 ** attempt);
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
        await attempted(node);
        return commands(node.redis);
      }),
    );
  }

  open(key: string, options: Pick<OpenOptions, "name" | "overrides">): Redis {
    const slot = slotOf(key);
    const redis: Redis = this.sockets.open({
      ...options,
      followsMoved: true,
      label: () => {
        const address = this.#openedAt.get(redis);
        return address ? showAddress(address) : this.target.label;
      },
      find: async () => {
        await this.#topology.refresh();
        const address = this.#topology.ownerOf(slot);
        if (!address) throw noNode();
        this.#openedAt.set(redis, address);
        return { ...address };
      },
    });
    return redis;
  }

  async runBeside<Result>(redis: Redis, commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    const address = this.#openedAt.get(redis);
    const node = address && this.#nodes.get(showAddress(address));
    if (!node) throw noNode();
    return commands(node.redis);
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * Asks until the masters are known, then tries to connect to each.
   *
   * @throws StartError when retrying is pointless
   */
  async #findMasters(signal: AbortSignal, onFailure: (error: Error) => void): Promise<void> {
    for (let attempt = 1; !signal.aborted && this.#topology.masters.size === 0; attempt += 1) {
      try {
        await this.#topology.refresh();
      } catch (error) {
        if (error instanceof StartError) throw error;
        onFailure(toError(error));
        await pause(backoffMs(attempt, RECONNECT));
      }
    }
    await Promise.all([...this.#nodes.values()].map((node) => node.attempted));
  }

  #ownerOf(slot: number): Node {
    const address = this.#topology.ownerOf(slot);
    if (address) return this.#node(address);
    this.#refreshSoon();
    throw noNode();
  }

  /**
   * Returns the node that a redirection names. `MOVED 3999 127.0.0.1:6381` holds for good, `ASK …`
   * for one command.
   */
  #follow(error: Error, from: Node): Node {
    const [code, slot, endpoint = ""] = error.message.split(" ");
    const colon = endpoint.lastIndexOf(":");
    const address = addressOf(endpoint.slice(0, colon), Number(endpoint.slice(colon + 1)), from.address);
    if (code === "MOVED") {
      this.#topology.moved(Number(slot), address);
      this.#refreshSoon();
    }
    const node = this.#node(address);
    // The address belongs to another server now, and this socket still leads to the old one.
    if (node === from) node.redis.disconnect(true);
    return node;
  }

  #node(address: RedisAddress): Node {
    const label = showAddress(address);
    let node = this.#nodes.get(label);
    if (!node) this.#nodes.set(label, (node = this.#openNode(address, label)));
    return node;
  }

  #openNode(address: RedisAddress, label: string): Node {
    const find = async (): Promise<RedisAddress> => ({ ...address });
    const redis = this.sockets.open({ name: "commands", label: () => label, find, overrides: FOR_COMMANDS });
    // Each failed attempt to reconnect emits "close", so the new master is soon known.
    redis.on("close", () => this.#refreshSoon());
    return { address, redis, attempted: redis.connect().catch(() => undefined) };
  }

  #refreshSoon(): void {
    if (!this.#closed) this.#topology.refresh().catch(() => undefined);
  }

  /** Keeps one connection to each master, and none to nodes that are not masters any more. */
  #keepMasters(): void {
    if (this.#closed) return;
    for (const address of this.#topology.masters.values()) this.#node(address);
    for (const [label, { redis }] of this.#nodes) {
      if (this.#topology.masters.has(label)) continue;
      this.#nodes.delete(label);
      this.sockets.release(redis);
    }
  }
}

/** Waits for the first attempt to connect to a node, and for no later one. */
async function attempted(node: Node): Promise<void> {
  if (node.redis.status !== "ready") await node.attempted;
}

function noNode(): Error {
  return new Error("no node of the cluster serves this key now");
}
