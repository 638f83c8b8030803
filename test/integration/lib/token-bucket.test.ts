import { expect, test } from "vitest";
import { TokenBucket } from "../../../src/lib/async/token-bucket.ts";

function bucket(options: { perSecond: number; burst?: number }): {
  tokens: TokenBucket;
  pass: (ms: number) => void;
} {
  let now = 0;
  return {
    tokens: new TokenBucket({ ...options, clock: { monotonic: () => now } }),
    pass: (ms) => (now += ms),
  };
}

test("gives the burst at once, then tokens at the rate", () => {
  const { tokens, pass } = bucket({ perSecond: 10, burst: 3 });
  expect([1, 2, 3, 4].map(() => tokens.take())).toEqual([true, true, true, false]);
  expect(tokens.waitMs()).toBe(100);
  pass(100);
  expect([tokens.take(), tokens.take()]).toEqual([true, false]);
});

test("saves at most the burst", () => {
  const { tokens, pass } = bucket({ perSecond: 10, burst: 3 });
  pass(60_000);
  expect(tokens.available()).toBe(3);
});

test("a rate below one per second has a burst of one", () => {
  const { tokens } = bucket({ perSecond: 0.5 });
  expect([tokens.take(), tokens.take(), tokens.waitMs()]).toEqual([true, false, 2_000]);
});

test.each([0, -1, Number.NaN])("refuses a rate of %s", (perSecond) => {
  expect(() => new TokenBucket({ perSecond })).toThrow(
    `perSecond: expected a number above 0, got ${perSecond}.`,
  );
});
