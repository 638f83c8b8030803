import { StartError } from "../errors.ts";
import { isRefusal, plainError, replyCode } from "./errors.ts";
import { askOnce } from "./ask-once.ts";
import { SLOTS } from "./slot.ts";
import { type RedisAddress, type RedisTarget, showAddress } from "./url.ts";

/** Many connections notice one failover: they share an answer that is so young. */
const FRESH_MS = 200;

type SlotRange = readonly [first: number, last: number, master: readonly [string | null, number]];

/** Which master of a cluster serves which slot, as far as we know. */
export class RedisTopology {
  readonly #owners: (RedisAddress | undefined)[] = Array.from({ length: SLOTS });
  #masters: ReadonlyMap<string, RedisAddress> = new Map();
  #refreshing: Promise<void> | null = null;
  #refreshedAt = -Infinity;

  constructor(
    private readonly target: RedisTarget,
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

  /** A node said that another one serves this slot now. */
  moved(slot: number, owner: RedisAddress): void {
    if (slot >= 0 && slot < SLOTS) this.#owners[slot] = owner;
  }

  /**
   * Asks the nodes, one after the other, until one answers.
   *
   * @throws StartError when they refuse us (77) or are no cluster (78); else why the last one did not answer
   */
  refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < FRESH_MS) return Promise.resolve();
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const known = new Map([
      ...this.#masters,
      ...this.seeds.map((seed) => [showAddress(seed), seed] as const),
    ]);
    const failures: unknown[] = [];
    for (const address of shuffle([...known.values()])) {
      try {
        this.#take(await this.#ask(address), address);
        this.onRefresh();
        return;
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures.find((failure) => failure instanceof StartError) ?? failures.at(-1);
  }

  async #ask(address: RedisAddress): Promise<readonly SlotRange[]> {
    const { username, password, tls } = this.target;
    try {
      const ranges = await askOnce({ address, username, password, tls }, (redis) => redis.cluster("SLOTS"));
      if (ranges.length > 0) return ranges as unknown as readonly SlotRange[];
    } catch (error) {
      throw this.#judge(showAddress(address), error);
    }
    throw new Error("the cluster's nodes serve no slots yet");
  }

  #judge(label: string, error: unknown): unknown {
    const cause = plainError(error);
    if (error instanceof Error && isRefusal(error)) {
      const advice =
        "Correct the user and password in REDIS_URL, or give the user the right to CLUSTER SLOTS.";
      return new StartError(`Redis at ${label} refused us (${cause.message}). ${advice}`, 77, { cause });
    }
    if (replyCode(error) !== "ERR") return error;
    const advice = "Begin REDIS_URL with redis:// (rediss:// for TLS), or name nodes of a cluster.";
    return new StartError(`Redis at ${label} is no cluster (${cause.message}). ${advice}`, 78, { cause });
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

/** Where a node says that another one is. Nodes that do not know their own address leave it out: then it is that of who was asked. */
export function addressOf(host: string | null, port: number, asked: RedisAddress): RedisAddress {
  return { host: host === null || host === "" || host === "?" ? asked.host : host, port };
}

function shuffle<Value>(values: Value[]): Value[] {
  return values
    .map((value) => [Math.random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}
