import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/lib/duration.ts";
import { findJsonProblem, findSizeProblem, INPUT_LIMITS } from "../../src/lib/json.ts";

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2w", 1_209_600_000],
    ["PT1H30M", 5_400_000],
    ["P1DT0.5S", 86_400_500],
    ["1500", 1_500],
    [1_500, 1_500],
    [0, 0],
  ])("%s is %d ms", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  test.each(["", "P", "PT", "P1Y", "soon", "-5s", "5 parsecs", "P1DT", -1, 1.5, Number.NaN, Infinity])(
    "%s is none",
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  test.each([
    [0, "PT0S"],
    [5_400_000, "PT1H30M"],
    [86_400_500, "P1DT0.5S"],
  ])("%d prints as %s and reads back", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });
});

describe("JSON that can be stored", () => {
  const problemOf = (value: unknown) => findJsonProblem(value, INPUT_LIMITS);
  const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 1);

  test.each([null, true, 0, -1.5, "é😀", [], {}, { a: [{ b: null }] }, nested(32)])("%j is fine", (value) =>
    expect(problemOf(value)).toBeNull(),
  );

  test.each([
    ["a NUL", { s: "a\u0000b" }, ["s"], /U\+0000, which PostgreSQL cannot store/],
    ["half a pair", { s: "\ud800" }, ["s"], /surrogate/],
    ["an unsafe integer", { n: 2 ** 60 }, ["n"], /not a safe JSON number/],
    ["NaN", [Number.NaN], ["0"], /NaN/],
    ["a Date", { d: new Date(0) }, ["d"], /is a Date/],
    ["a function", { f: () => 1 }, ["f"], /is a function/],
    ["a poisoned key", JSON.parse('{"__proto__": 1}'), [], /"__proto__", which is not allowed/],
    ["a NUL in a key", { "a\u0000": 1 }, [], /U\+0000/],
  ])("%s is named with its path", (_, value, path, message) => {
    expect(problemOf(value)).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  test("depth and size are bounded without a deep call stack", () => {
    expect(problemOf(nested(33))?.message).toMatch(/more than 32 deep/);
    expect(problemOf(nested(100_000))?.message).toMatch(/more than 32 deep/);
    expect(problemOf(Array.from({ length: 10_001 }, () => 1))?.message).toMatch(/more than 10000 keys/);
    expect(findSizeProblem("é".repeat(150_000), INPUT_LIMITS)?.message).toBe(
      "is 293 KiB; the limit is 256 KiB",
    );
  });
});
