/** Bounds of an exponential back-off, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Returns a random duration between half of `ms` and `ms`. Clients that failed together do not come
 * back together, and none comes back at once.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("equal jitter")
 */
export function jittered(ms: number, random: () => number = Math.random): number {
  return ms / 2 + (random() * ms) / 2;
}

/**
 * Returns the jittered delay after `failures` earlier failures: the ceiling doubles up to `maxMs`.
 */
export function backoffMs(
  failures: number,
  { firstMs, maxMs }: BackoffBounds,
  random: () => number = Math.random,
): number {
  return jittered(Math.min(firstMs * 2 ** Math.min(failures, 30), maxMs), random);
}
