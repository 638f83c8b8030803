import type { Rate } from "../task/limits/rate.ts";

/** Asks for permits of one bucket. */
export interface PermitRequest {
  /** What is counted together, within its scope. */
  readonly bucket: string;
  readonly rate: Rate;
  readonly wanted: number;
}

export interface Permits {
  readonly granted: number;
  /** Where fewer were granted than wanted: after about so many milliseconds there may be more. */
  readonly waitMs: number;
}

/**
 * What became of the permits of one bucket: how many starts there were. The others are free again.
 */
export interface UsedPermits {
  readonly bucket: string;
  readonly rate: Rate;
  readonly used: number;
}

/**
 * Counts starts over all workers. No period of a window's length has more starts than the limit. A permit
 * is taken before a start and counts from the report of its use, by the clock of the limiter. It counts up
 * to 1 in 200 longer than its window, since a window is counted in about 200 bins.
 *
 * Permits whose use is never reported, because their worker died, count for their window, or for
 * `UNREPORTED_MS` if that is longer.
 */
export interface RateLimiter {
  /**
   * Takes permits and returns what was granted, in order.
   *
   * @param scope a definition or queue: its buckets are kept in one place
   * @param id names these permits in the report
   * @throws UnavailableError if there is no answer; no permits were taken, or they are free again later
   */
  take(scope: string, id: string, requests: readonly PermitRequest[]): Promise<Permits[]>;
  /** Reports the use of the permits of one `take`. Returns at once. A lost report never allows more starts. */
  report(scope: string, id: string, used: readonly UsedPermits[]): void;
  /** Closes a scope for some milliseconds: `take` grants no permits, also not without a bucket. */
  close(scope: string, forMs: number): Promise<void>;
  /** Returns the milliseconds until a scope opens; 0 if it is open. */
  closedMs(scope: string): Promise<number>;
}

export const UNREPORTED_MS = 15_000;
/** Retry delay while other workers hold permits that are not reported yet: they may not use all of them. */
export const RETURN_MS = 250;
/** Number of bins in which a window is counted. */
export const BINS = 200;
