import type { PermitRequest, RateLimiter } from "../../broker/rate-limiter.ts";
import { newId } from "../../lib/uuid.ts";
import type { Partition } from "../../store/partitions/partition-store.ts";
import type { ConcurrencyRoom, Room, WaitingKey } from "../../task/limits/fair-shares.ts";
import { partOf, type RateLimit } from "../../task/limits/limits.ts";
import type { Rate } from "../../task/limits/rate.ts";
import { QUEUE_PARTITION } from "../../task/records/hint.ts";

/** The rate limits that a claim must keep. */
export interface PartitionRates {
  readonly ofDefinition: RateLimit | null;
  readonly ofQueue: Rate | null;
}

/** Returns the limiter's scope of a definition. */
export function scopeOf(definition: string): string {
  return `task:${definition}`;
}

/**
 * The rate permits of one claim: taken before the claim for every task that may start; unused ones
 * are returned after it.
 */
export class PartitionPermits {
  readonly #id = newId();
  #ofQueue: PermitRequest | null = null;
  #ofDefinition: readonly PermitRequest[] = [];
  /** How many tasks may still start, by bucket of the definition; null without a rate. */
  #left: ReadonlyMap<string, number> | null = null;
  /** How many tasks may start in all. */
  total = 0;
  /** When more permits may be available, in milliseconds from now; null when none was refused. */
  waitMs: number | null = null;

  constructor(
    private readonly limiter: RateLimiter,
    private readonly partition: Partition,
    private readonly rates: PartitionRates,
  ) {}

  /** Takes permits for as many candidates as there are slots. */
  async take(candidates: readonly WaitingKey[], slots: number): Promise<void> {
    this.total = await this.#takeOfQueue(slots);
    if (this.partition.partition === QUEUE_PARTITION || this.total === 0) return;
    if (this.rates.ofDefinition) await this.#takeOfDefinition(candidates, this.rates.ofDefinition);
    else await this.#checkClosed();
  }

  /** Returns how many tasks of a key may start by the rate of the definition. */
  leftOf(key: string): number {
    const { ofDefinition } = this.rates;
    return this.#left === null || !ofDefinition ? Infinity : (this.#left.get(partOf(key, ofDefinition)) ?? 0);
  }

  /** Returns the bucket in which the rate of the definition counts a key. */
  bucketOf(key: string): string {
    return this.rates.ofDefinition ? partOf(key, this.rates.ofDefinition) : "";
  }

  /** @param started how many tasks have started, by key */
  report(started: readonly WaitingKey[]): void {
    const sum = (some: readonly WaitingKey[]): number => some.reduce((total, { count }) => total + count, 0);
    if (this.#ofQueue)
      this.limiter.report(this.#queueScope, this.#id, [{ ...this.#ofQueue, used: sum(started) }]);
    const used = this.#ofDefinition.map((request) => ({
      ...request,
      used: sum(started.filter(({ key }) => this.bucketOf(key) === request.bucket)),
    }));
    if (used.length > 0) this.limiter.report(scopeOf(this.partition.partition), this.#id, used);
  }

  get #queueScope(): string {
    return `queue:${this.partition.queue}`;
  }

  async #takeOfQueue(slots: number): Promise<number> {
    const rate = this.rates.ofQueue;
    if (!rate) return slots;
    const request = { bucket: "", rate, wanted: slots };
    const [permits] = await this.limiter.take(this.#queueScope, this.#id, [request]);
    const { granted, waitMs } = permits!;
    if (granted > 0) this.#ofQueue = request;
    if (granted < slots) this.#noteWait(waitMs);
    return granted;
  }

  async #takeOfDefinition(candidates: readonly WaitingKey[], limit: RateLimit): Promise<void> {
    const wanted = new Map<string, number>();
    for (const { key, count } of candidates) {
      const bucket = partOf(key, limit);
      wanted.set(bucket, Math.min(this.total, (wanted.get(bucket) ?? 0) + count));
    }
    const requests = [...wanted].map(([bucket, count]) => ({ bucket, rate: limit.rate, wanted: count }));
    const permits = await this.limiter.take(scopeOf(this.partition.partition), this.#id, requests);
    this.#ofDefinition = requests.filter((_, index) => permits[index]!.granted > 0);
    this.#left = new Map(requests.map(({ bucket }, index) => [bucket, permits[index]!.granted]));
    for (const [index, { granted, waitMs }] of permits.entries())
      if (granted < requests[index]!.wanted) this.#noteWait(waitMs);
  }

  async #checkClosed(): Promise<void> {
    const closedMs = await this.limiter.closedMs(scopeOf(this.partition.partition));
    if (closedMs <= 0) return;
    this.total = 0;
    this.#noteWait(closedMs);
  }

  #noteWait(ms: number): void {
    this.waitMs = Math.min(ms, this.waitMs ?? Infinity);
  }
}

/**
 * How many tasks of a partition may start, by key: what the permits and the concurrency limits
 * leave.
 */
export class PartitionRoom implements Room {
  readonly #taken = new Map<string, number>();
  /** Whether a concurrency limit refused a task. */
  wasFull = false;

  constructor(
    private readonly permits: PartitionPermits,
    private readonly concurrency: ConcurrencyRoom,
  ) {}

  take(key: string): boolean {
    const bucket = this.permits.bucketOf(key);
    const taken = this.#taken.get(bucket) ?? 0;
    if (taken >= this.permits.leftOf(key)) return false;
    if (!this.concurrency.take(key)) {
      this.wasFull = true;
      return false;
    }
    this.#taken.set(bucket, taken + 1);
    return true;
  }
}
