/** Timers of Node.js end here: no time limit of an attempt is longer. */
export const MAX_TIME_LIMIT_MS = 2 ** 31 - 1;

/** How long one attempt may run, in milliseconds; null for no limit. */
export interface TimeLimits {
  /** Then it is asked to come to an end. */
  readonly softMs: number | null;
  /** Then it is ended. */
  readonly hardMs: number | null;
}

/** Whether the soft limit leaves the attempt no time between the two. */
export function isSoftTooLong({ softMs, hardMs }: TimeLimits): boolean {
  return softMs !== null && hardMs !== null && softMs >= hardMs;
}
