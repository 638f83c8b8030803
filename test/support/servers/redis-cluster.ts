import { freePort } from "./free-port.ts";
import { redisCall, waitUntil } from "./redis-call.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

export interface ClusterOptions {
  /**
   * Arguments of each node after the defaults, e.g. `["--cluster-require-full-coverage", "yes"]`.
   */
  readonly args?: readonly string[];
  /** What stands between `//` and the nodes in the URL, e.g. `"user:password@"`. */
  readonly user?: string;
}

const MASTERS = 3;
const SLOTS = 16_384;
/** A master that is silent for so long is replaced by its replica. */
const NODE_TIMEOUT_MS = 1_000;

type SlotRange = [first: number, last: number, master: [string, number, string], ...unknown[]];

/**
 * Starts three masters with a replica each, real processes on free ports, and resolves when the
 * cluster is whole.
 */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 2 * MASTERS }, (_, index) => startNode(index, options.args ?? [])),
  );
  const cluster = new RedisCluster(nodes, options);
  try {
    await join(nodes);
    await waitUntil("the cluster is whole", () => cluster.isWhole());
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}

/**
 * A cluster as {@link startRedisCluster} makes it. Disposing it ends all nodes and removes their
 * folders.
 */
export class RedisCluster implements AsyncDisposable {
  /** As REDIS_URL. Names two of the nodes: the others are to be found. */
  readonly url: string;

  constructor(
    readonly nodes: readonly RedisServer[],
    { user = "" }: ClusterOptions = {},
  ) {
    const [first, , last] = nodes;
    this.url = `redis+cluster://${user}127.0.0.1:${first!.port},127.0.0.1:${last!.port}`;
  }

  /** The node that serves a key, as most of the living nodes say. */
  async masterOf(key: string): Promise<RedisServer> {
    const slot = await this.#slotOf(key);
    const views = await Promise.all(this.nodes.map((node) => this.#view(node).catch(() => [])));
    const votes = views.flatMap((ranges) => {
      const range = ranges.find(([first, last]) => first <= slot && slot <= last);
      return range ? [range[2][1]] : [];
    });
    const node = this.nodes.find(
      ({ port }) => 2 * votes.filter((vote) => vote === port).length > votes.length,
    );
    if (!node) throw new Error(`The nodes do not agree who serves slot ${slot}: ${votes.join(", ")}.`);
    return node;
  }

  /** Kills the node that serves a key (or stops it, with SIGSTOP), and resolves to it at once. */
  async killMasterOf(key: string, signal: NodeJS.Signals = "SIGKILL"): Promise<RedisServer> {
    const master = await this.masterOf(key);
    await master.kill(signal);
    return master;
  }

  /** Whether replicas take the places of masters that die; a node that was started anew does. */
  async allowFailover(allowed: boolean): Promise<void> {
    const living = this.nodes.map((node) =>
      redisCall(node.port, {}, "CONFIG", "SET", "cluster-replica-no-failover", allowed ? "no" : "yes"),
    );
    await Promise.allSettled(living);
  }

  /** Resolves to the node that serves a key when that is another than `old`. */
  async failedOverFrom(old: RedisServer, key: string): Promise<RedisServer> {
    await waitUntil("another node serves the key", async () => (await this.masterOf(key)) !== old);
    return this.masterOf(key);
  }

  /** Starts a node that was killed; resolves when the cluster is whole again. */
  async revive(dead: RedisServer): Promise<void> {
    await dead.start();
    await waitUntil("the cluster is whole again", () => this.isWhole());
  }

  /**
   * Gives a key's slot to another node, with all keys in it, step by step as
   * `redis-cli --cluster reshard` does.
   */
  async moveSlot(
    key: string,
    to: RedisServer,
    onHalfway: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const from = await this.masterOf(key);
    const slot = await this.#slotOf(key);
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await redisCall(to.port, {}, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
    await redisCall(from.port, {}, "CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
    await onHalfway();
    for (;;) {
      const keys = (await redisCall(from.port, {}, "CLUSTER", "GETKEYSINSLOT", slot, 100)) as string[];
      if (keys.length === 0) break;
      await redisCall(from.port, {}, "MIGRATE", "127.0.0.1", to.port, "", 0, 5_000, "KEYS", ...keys);
    }
    for (const node of [to, from, ...this.nodes.filter((other) => other !== to && other !== from)]) {
      await redisCall(node.port, {}, "CLUSTER", "SETSLOT", slot, "NODE", toId).catch(() => undefined);
    }
    await waitUntil("the slot has moved", async () => (await this.masterOf(key)) === to);
  }

  /** Whether every node sees all slots served, and each master with a replica in step. */
  async isWhole(): Promise<boolean> {
    const views = await Promise.all(
      this.nodes.map(async (node) => {
        const [facts, ranges, replication] = await Promise.all([
          redisCall(node.port, {}, "CLUSTER", "INFO"),
          this.#view(node),
          redisCall(node.port, {}, "INFO", "replication"),
        ]);
        const served = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
        const isReplicated = /connected_slaves:[1-9]|master_link_status:up/.test(String(replication));
        return (
          String(facts).includes("cluster_state:ok") &&
          served === SLOTS &&
          isReplicated &&
          ranges.every((range) => range.length > 3)
        );
      }),
    );
    return views.every(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }

  async #view(node: RedisServer): Promise<SlotRange[]> {
    return (await redisCall(node.port, {}, "CLUSTER", "SLOTS")) as SlotRange[];
  }

  async #slotOf(key: string): Promise<number> {
    for (const node of this.nodes) {
      const slot = await redisCall(node.port, {}, "CLUSTER", "KEYSLOT", key).catch(() => null);
      if (slot !== null) return Number(slot);
    }
    throw new Error("No node of the cluster answers.");
  }
}

async function startNode(index: number, args: readonly string[]): Promise<RedisServer> {
  return startRedis({
    args: [
      ...["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
      ...["--cluster-port", String(await freePort())],
      ...["--cluster-node-timeout", String(NODE_TIMEOUT_MS), "--cluster-replica-validity-factor", "0"],
      // A slot without a master stops its own keys, and no others.
      ...["--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no"],
      // A replica counts as one with its first byte, which may be a ping.
      ...[
        "--repl-diskless-sync-delay",
        "0",
        "--repl-ping-replica-period",
        "1",
        "--proc-title-template",
        `cluster node ${index}`,
      ],
      ...args,
    ],
  });
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  await Promise.all(
    nodes.map(async ({ port }, index) => {
      await redisCall(port, {}, "CLUSTER", "SET-CONFIG-EPOCH", index + 1);
      if (index >= MASTERS) return;
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / MASTERS));
      await redisCall(port, {}, "CLUSTER", "ADDSLOTSRANGE", from!, to! - 1);
    }),
  );
  // Each to each: by hearsay alone it takes them many seconds.
  const busPorts = await Promise.all(nodes.map(busPortOf));
  const pairs = nodes.flatMap((one, index) => nodes.slice(index + 1).map((other) => [one, other] as const));
  for (const [one, other] of pairs) {
    const busPort = busPorts[nodes.indexOf(other)]!;
    await redisCall(one.port, {}, "CLUSTER", "MEET", "127.0.0.1", other.port, busPort);
  }
  await Promise.all(
    nodes.slice(MASTERS).map(async (replica, index) => {
      const id = await idOf(nodes[index]!);
      // The replica may not have met its master yet.
      await waitUntil("a replica has its master", async () => {
        await redisCall(replica.port, {}, "CLUSTER", "REPLICATE", id);
        return true;
      });
    }),
  );
}

async function idOf({ port }: RedisServer): Promise<string> {
  return String(await redisCall(port, {}, "CLUSTER", "MYID"));
}

async function busPortOf({ port }: RedisServer): Promise<number> {
  const [, busPort] = (await redisCall(port, {}, "CONFIG", "GET", "cluster-port")) as [string, string];
  return Number(busPort);
}
