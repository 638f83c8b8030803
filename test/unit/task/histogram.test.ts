import { describe, expect, test } from "vitest";
import { bucketOf, LAST_BUCKET, percentileOf } from "../../../src/task/records/histogram.ts";

function histogramOf(durations: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>();
  for (const one of durations) histogram.set(bucketOf(one), (histogram.get(bucketOf(one)) ?? 0) + 1);
  return histogram;
}

/** The smallest of the values that a share of all is not larger than. */
function exact(durations: readonly number[], share: number): number {
  return [...durations].sort((a, b) => a - b)[Math.ceil(durations.length * share) - 1]!;
}

describe("bucketOf", () => {
  test.each([
    [0, 0],
    [-5, 0],
    [1, 0],
    [1.01, 1],
    [1.2, 1],
    [1_000, 38],
    [1e12, LAST_BUCKET],
  ])("%d ms fall into bucket %d", (milliseconds, bucket) => {
    expect(bucketOf(milliseconds)).toBe(bucket);
  });

  test("grows with the duration and leaves out no bucket", () => {
    const buckets = Array.from({ length: 20_000 }, (_, index) => bucketOf(1.004 ** index));
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(new Set(buckets)).toEqual(new Set(Array.from({ length: LAST_BUCKET + 1 }, (_, index) => index)));
  });
});

describe("percentileOf", () => {
  test("an empty histogram has no percentiles", () => {
    expect(percentileOf(new Map(), 0.5)).toBeNull();
  });

  test("the percentile of one value is that value, whatever the share", () => {
    const shares = [0.01, 0.5, 1].map((share) => percentileOf(histogramOf([1_000]), share));
    expect(new Set(shares)).toEqual(new Set([932]));
  });

  // A linear generator, so that every run sees the same.
  let state = 42;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  test.each([
    ["evenly between 0 and a minute", () => random() * 60_000],
    ["mostly short, with a long tail", () => Math.exp(random() * 16)],
    ["of two kinds", () => (random() < 0.94 ? 3 + random() : 90_000 + random() * 1_000)],
  ] as const)("is at most a tenth or 1 ms off: durations %s", (_kind, draw) => {
    const durations = Array.from({ length: 5_000 }, draw);
    const histogram = histogramOf(durations);
    for (const share of [0.01, 0.25, 0.5, 0.95, 0.99, 1]) {
      const [wanted, got] = [exact(durations, share), percentileOf(histogram, share)!];
      expect(Math.abs(got - wanted), `share ${share}: ${got} for ${wanted}`).toBeLessThanOrEqual(
        Math.max(1, wanted * 0.1),
      );
    }
  });
});
