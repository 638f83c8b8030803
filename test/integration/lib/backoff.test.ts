import { expect, test } from "vitest";
import { backoffMs, jittered } from "../../../src/lib/async/backoff.ts";

test("jitter takes at most half", () => {
  expect([jittered(100, () => 0), jittered(100, () => 0.5), jittered(100, () => 1)]).toEqual([50, 75, 100]);
});

test("the ceiling doubles with each failure, up to the maximum", () => {
  const ceilings = [0, 1, 2, 3, 1_000].map((failures) =>
    backoffMs(failures, { firstMs: 100, maxMs: 500 }, () => 1),
  );
  expect(ceilings).toEqual([100, 200, 400, 500, 500]);
});
