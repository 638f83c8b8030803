import { type Clock, systemClock } from "../../lib/clock.ts";
import {
  type PermitRequest,
  type Permits,
  BINS,
  type RateLimiter,
  RETURN_MS,
  UNREPORTED_MS,
  type UsedPermits,
} from "../rate-limiter.ts";

/** Starts that are counted in one bin. */
interface Starts {
  readonly first: number;
  last: number;
  count: number;
}
interface Bucket {
  starts: Starts[];
  readonly taken: Map<string, { readonly at: number; readonly count: number }>;
  windowMs: number;
}

const CLEAN_EVERY_MS = 60_000;

/** Counts starts inside one process. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #closed = new Map<string, number>();
  #cleanAt = 0;

  constructor(private readonly clock: Pick<Clock, "monotonic"> = systemClock) {}

  async take(scope: string, id: string, requests: readonly PermitRequest[]): Promise<Permits[]> {
    this.#clean();
    const closed = this.#closedMs(scope);
    return requests.map((request) =>
      closed > 0 ? { granted: 0, waitMs: closed } : this.#take(`${scope} ${request.bucket}`, id, request),
    );
  }

  report(scope: string, id: string, used: readonly UsedPermits[]): void {
    const now = this.clock.monotonic();
    for (const { bucket: name, rate, used: count } of used) {
      const bucket = this.#bucket(`${scope} ${name}`);
      bucket.taken.delete(id);
      if (count === 0) continue;
      const last = bucket.starts.at(-1);
      if (last && now - last.first <= rate.windowMs / BINS) {
        last.last = now;
        last.count += count;
      } else {
        bucket.starts.push({ first: now, last: now, count });
      }
    }
  }

  async close(scope: string, forMs: number): Promise<void> {
    const until = this.clock.monotonic() + forMs;
    this.#closed.set(scope, Math.max(until, this.#closed.get(scope) ?? 0));
  }

  async closedMs(scope: string): Promise<number> {
    return this.#closedMs(scope);
  }

  #closedMs(scope: string): number {
    return Math.max(0, (this.#closed.get(scope) ?? 0) - this.clock.monotonic());
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (!bucket) this.#buckets.set(key, (bucket = { starts: [], taken: new Map(), windowMs: 0 }));
    return bucket;
  }

  #take(key: string, id: string, { rate, wanted }: PermitRequest): Permits {
    const now = this.clock.monotonic();
    const bucket = this.#bucket(key);
    bucket.windowMs = rate.windowMs;
    const counted = countedIn(bucket, now);
    const granted = Math.max(0, Math.min(wanted, rate.limit - counted));
    if (granted > 0) bucket.taken.set(id, { at: now, count: granted });
    if (granted === wanted) return { granted, waitMs: 0 };
    const waitMs = waitOf(bucket, counted + granted - rate.limit, now);
    const mayReturn = [...bucket.taken].some(([other, { at }]) => other !== id && at + UNREPORTED_MS > now);
    return { granted, waitMs: mayReturn ? Math.min(waitMs, RETURN_MS) : waitMs };
  }

  #clean(): void {
    const now = this.clock.monotonic();
    if (now < this.#cleanAt) return;
    this.#cleanAt = now + CLEAN_EVERY_MS;
    for (const [key, bucket] of this.#buckets) if (countedIn(bucket, now) === 0) this.#buckets.delete(key);
    for (const [scope, until] of this.#closed) if (until <= now) this.#closed.delete(scope);
  }
}

/** Forgets what counts no more; returns how much is left. */
function countedIn(bucket: Bucket, now: number): number {
  bucket.starts = bucket.starts.filter(({ last }) => last + bucket.windowMs > now);
  let counted = 0;
  for (const { count } of bucket.starts) counted += count;
  for (const [id, { at, count }] of bucket.taken) {
    if (at + Math.max(bucket.windowMs, UNREPORTED_MS) <= now) bucket.taken.delete(id);
    else counted += count;
  }
  return counted;
}

/** Milliseconds until one more than `over` are free again. */
function waitOf({ starts, taken, windowMs }: Bucket, over: number, now: number): number {
  let freed = 0;
  for (const { last, count } of starts) {
    freed += count;
    if (freed > over) return last + windowMs - now;
  }
  return Math.min(...[...taken.values()].map(({ at }) => at + windowMs - now), windowMs);
}
