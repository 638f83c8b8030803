/**
 * Durations by buckets that grow by a fifth: bucket k holds what is longer than 1.2^(k-1) ms and at
 * most 1.2^k ms; 0 holds up to 1 ms, the last one all that is longer than 96 days. So any two
 * histograms can be added, and whatever is read from one is at most 10 % off.
 */
const BUCKET_GROWTH = 1.2;
export const LAST_BUCKET = 125;

/** How many durations fell into a bucket. Buckets that are empty may be absent. */
export type Histogram = ReadonlyMap<number, number>;

/** The bucket of a duration in milliseconds. */
export function bucketOf(milliseconds: number): number {
  if (milliseconds <= 1) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(Math.log(milliseconds) / Math.log(BUCKET_GROWTH)));
}

/**
 * The duration that a share of all is not longer than, in milliseconds: the middle of its bucket,
 * and so at most 10 % (or 1 ms) off. Null for an empty histogram.
 *
 * @param share above 0, up to 1
 */
export function percentileOf(histogram: Histogram, share: number): number | null {
  const total = histogram.values().reduce((sum, count) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return Math.round(BUCKET_GROWTH ** (bucket - 0.5));
  }
  return null;
}
