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
 * Counts starts, for all workers. In no span as long as a rate's window do more start than it
 * allows, by the clock of whoever counts: a permit is taken before the start and counts from when
 * its use is reported after it. It counts somewhat longer than its window, by 1 in 200 at most, so
 * that the starts of a window are counted in at most some 200 places.
 *
 * Permits whose use is never reported, because their worker died, count for their window, or for
 * `UNREPORTED_MS` if that is longer.
 */
export interface RateLimiter {
  /**
   * Takes permits; answers in order.
   *
   * @param scope a definition or queue: its buckets are kept in one place
   * @param id names these permits when they are reported
   * @throws UnavailableError when nobody answers; no permits were taken, or they are free again
   *   later
   */
  take(scope: string, id: string, requests: readonly PermitRequest[]): Promise<Permits[]>;
  /**
   * Reports what was done with the permits of one `take`. Returns at once; a report that is lost
   * makes no more starts possible.
   */
  report(scope: string, id: string, used: readonly UsedPermits[]): void;
  /**
   * For so long no permits are granted in this scope, in milliseconds; also none that are asked for
   * without a bucket.
   */
  close(scope: string, forMs: number): Promise<void>;
  /** For how many milliseconds yet a scope is closed; 0 when it is not. */
  closedMs(scope: string): Promise<number>;
}

export const UNREPORTED_MS = 15_000;
/**
 * Who is refused while others have permits that they have not reported yet asks again so soon: they
 * may not use all of them.
 */
export const RETURN_MS = 250;
/** A window is counted in about so many places. */
export const PLACES = 200;
