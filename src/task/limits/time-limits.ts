/** The longest timer of Node.js, and so the longest time limit of an attempt. */
export const MAX_TIME_LIMIT_MS = 2 ** 31 - 1;

/** How long one attempt may run, in milliseconds; null for no limit. */
export interface TimeLimits {
  /** The soft limit, after which the attempt is asked to end. */
  readonly softMs: number | null;
  /** The hard limit, after which the attempt is ended. */
  readonly hardMs: number | null;
}

/** Whether the soft limit leaves the attempt no time between the two. */
export function isSoftTooLong({ softMs, hardMs }: TimeLimits): boolean {
  return softMs !== null && hardMs !== null && softMs >= hardMs;
}
