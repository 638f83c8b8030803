import calculateSlot from "cluster-key-slot";

import { askAny, type Question } from "./ask.ts";
import type { Login } from "./client.ts";
import { type RedisAddress, showAddress } from "./url.ts";

const SLOTS = 16_384;
/** Many connections notice one failover: they share an answer that is not older than this. */
const FRESH_MS = 200;

type SlotRange = readonly [first: number, last: number, master: readonly [string | null, number]];

/** Which master of a cluster serves which slot, as far as this process knows. */
export class ClusterTopology {
  readonly #owners: (RedisAddress | undefined)[] = Array.from({ length: SLOTS });
  #masters: ReadonlyMap<string, RedisAddress> = new Map();
  #refreshing: Promise<void> | null = null;
  #refreshedAt = -Infinity;

  constructor(
    private readonly login: Login,
    private readonly seeds: readonly RedisAddress[],
    /** Called after each refresh. */
    private readonly onRefresh: () => void,
  ) {}

  /** By `host:port`. */
  get masters(): ReadonlyMap<string, RedisAddress> {
    return this.#masters;
  }

  ownerOf(slot: number): RedisAddress | undefined {
    return this.#owners[slot];
  }

  /** A node answered that another one serves this slot now. */
  moved(slot: number, owner: RedisAddress): void {
    if (slot >= 0 && slot < SLOTS) this.#owners[slot] = owner;
  }

  /**
   * Asks the known nodes, in random order, until one answers.
   *
   * @throws StartError when a node denies access (77) or is not part of a cluster (78); otherwise
   * the failure of the last node
   */
  refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < FRESH_MS) return Promise.resolve();
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const seeds = this.seeds.map((seed) => [showAddress(seed), seed] as const);
    const known = new Map([...this.#masters, ...seeds]);
    const { answer, address } = await askAny(shuffled([...known.values()]), {
      login: this.login,
      messages: MESSAGES,
      ask: async (redis) => {
        const ranges = (await redis.cluster("SLOTS")) as unknown as readonly SlotRange[];
        if (ranges.length > 0) return ranges;
        throw new Error("the nodes of the cluster do not serve any slot yet");
      },
    });
    this.#take(answer, address);
    this.onRefresh();
  }

  #take(ranges: readonly SlotRange[], asked: RedisAddress): void {
    const masters = new Map<string, RedisAddress>();
    this.#owners.fill(undefined);
    for (const [first, last, [host, port]] of ranges) {
      const named = addressOf(host, port, asked);
      const label = showAddress(named);
      const master = masters.get(label) ?? named;
      masters.set(label, master);
      this.#owners.fill(master, first, last + 1);
    }
    this.#masters = masters;
    this.#refreshedAt = performance.now();
  }
}

/**
 * Returns the slot of a key: that of its hash tag `{…}` if it has one. Keys with one tag are served
 * by one node. Differs from Redis only for keys whose first tag is empty (`{}`), which no key of
 * Lovage has.
 */
export function slotOf(key: string): number {
  return calculateSlot(key);
}

/**
 * Returns the address of a node that `asked` named. Nodes leave out a host that they do not know:
 * then it is `asked`'s.
 */
export function addressOf(host: string | null, port: number, asked: RedisAddress): RedisAddress {
  return { host: host === null || host === "" || host === "?" ? asked.host : host, port };
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => [Math.random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

const MESSAGES: Question<unknown>["messages"] = {
  accessDenied: (label, reason) =>
    `Redis at ${label} denied access (${reason}). ` +
    "Correct the user and password in REDIS_URL, or give the user the right to CLUSTER SLOTS.",
  otherKind: (label, reason) =>
    `Redis at ${label} is not part of a cluster (${reason}). ` +
    "Begin REDIS_URL with redis:// (rediss:// for TLS), or name nodes of a cluster.",
};
