import { expect, test } from "vitest";
import { showIsoDuration, showDuration } from "../../../src/cli/times.ts";

test.each([
  [0, "0 ms"],
  [13.6, "14 ms"],
  [1_250, "1.25 s"],
  [59_400, "59.4 s"],
  [125_000, "2 m 5 s"],
  [600_000, "10 m"],
  [12_060_000, "3 h 21 m"],
])("%d ms is shown as %s", (milliseconds, shown) => {
  expect(showDuration(milliseconds)).toBe(shown);
});

test("durations of the API are shown the same way, and unknown ones as they are", () => {
  expect([showIsoDuration("PT1.5S"), showIsoDuration("P1Y")]).toEqual(["1.5 s", "P1Y"]);
});
