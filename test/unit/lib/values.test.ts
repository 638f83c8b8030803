import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/lib/duration.ts";
import { findJsonProblem, INPUT_LIMITS, type Json, readJson } from "../../../src/lib/json/json.ts";

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

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe("JSON that can be stored", () => {
  const problemOf = (value: unknown) => findJsonProblem(value, INPUT_LIMITS);
  const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], 1);

  test.each([null, true, 0, -1.5, "é😀", [], {}, { a: [{ b: null }] }, nested(32)])("%j is fine", (value) =>
    expect(problemOf(value)).toBeNull(),
  );

  test.each([
    ["a NUL", { s: "a\u0000b" }, ["s"], /U\+0000, which PostgreSQL cannot store/],
    ["half a pair", { s: "\ud800" }, ["s"], /surrogate/],
    ["NaN", [Number.NaN], ["0"], /NaN/],
    ["Infinity", { a: { b: -Infinity } }, ["a", "b"], /is -Infinity/],
    ["an invalid Date", { d: new Date("x") }, ["d"], /is an invalid Date/],
    ["a Map", { m: [new Map([["a", 1]])] }, ["m", "0"], /is a Map/],
    ["a Set", new Set([1]), [], /is a Set/],
    ["an Error", { e: new TypeError("x") }, ["e"], /is a TypeError/],
    ["a RegExp", { r: /x/ }, ["r"], /is a RegExp/],
    ["a promise", { p: Promise.resolve(1) }, ["p"], /is a Promise/],
    ["a typed array", { b: new Uint8Array(2) }, ["b"], /is a Uint8Array/],
    [
      "an instance",
      {
        i: new (class Account {
          balance = 1;
        })(),
      },
      ["i"],
      /is an Account/,
    ],
    ["a symbol", { s: Symbol("x") }, ["s"], /is a symbol/],
    ["a BigInt", { n: 10n }, ["n"], /is a bigint/],
    ["undefined in a list", [1, undefined], ["1"], /is undefined/],
    // oxlint-disable-next-line no-sparse-arrays -- it is what is looked for
    ["a hole in a list", { l: [1, , 3] }, ["l", "1"], /is undefined/],
    [
      "a getter that throws",
      Object.defineProperty({}, "x", {
        enumerable: true,
        get: () => {
          throw new Error("trap");
        },
      }),
      [],
      /cannot be read: trap/,
    ],
    [
      "a toJSON that throws",
      {
        t: {
          toJSON: () => {
            throw new Error("trap");
          },
        },
      },
      ["t"],
      /cannot be read: trap/,
    ],
    ["what toJSON gives", { t: { toJSON: () => ({ deep: [1n] }) } }, ["t", "deep", "0"], /is a bigint/],
    ["a proxy that was revoked", { p: revoked() }, ["p"], /cannot be read/],
    ["a function", { f: () => 1 }, ["f"], /is a function/],
    ["a poisoned key", JSON.parse('{"__proto__": 1}'), [], /"__proto__", which is not allowed/],
    ["a NUL in a key", { "a\u0000": 1 }, [], /U\+0000/],
  ])("%s is named with its path", (_, value, path, message) => {
    expect(problemOf(value)).toMatchObject({
      path,
      message: expect.stringMatching(message),
    });
  });

  test("a value becomes the result of JSON where nothing is lost, and is a copy", () => {
    const bare: Record<string, unknown> = Object.assign(Object.create(null), {
      x: 1,
    });
    const given = {
      at: new Date(0),
      url: new URL("http://a.example/"),
      money: { toJSON: (key: string) => `${key} 5` },
      no: undefined,
      bare,
      there: runInNewContext("({ y: [1] })") as object,
      constructor: { name: "c" },
      prototype: 1,
      n: 6.022e23,
      ids: [2 ** 53, -(2 ** 60), 5e-324, 1.7976931348623157e308],
      list: [1],
    };
    const read = readJson(given, INPUT_LIMITS) as { value: Json };
    expect(read.value).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      url: "http://a.example/",
      money: "money 5",
      bare: { x: 1 },
      there: { y: [1] },
      constructor: { name: "c" },
      prototype: 1,
      n: 6.022e23,
      ids: given.ids,
      list: [1],
    });
    expect(JSON.parse(JSON.stringify(read.value))).toEqual(read.value);
    given.list.push(2);
    expect((read.value as { list: Json }).list).toEqual([1]);
  });

  test("depth and size are bounded without a deep call stack", () => {
    expect(problemOf(nested(33))?.message).toMatch(/more than 32 deep/);
    expect(problemOf(nested(100_000))?.message).toMatch(/more than 32 deep/);
    const round: Record<string, unknown> = {};
    round["self"] = round;
    expect(problemOf(round)?.message).toMatch(/more than 32 deep, or refers to itself/);
    expect(problemOf(Array.from({ length: 100_001 }, () => 1))?.message).toMatch(/more than 100000 keys/);
    expect(
      problemOf(Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, 1]))),
    ).toBeNull();
    expect(readJson("é".repeat(150_000), INPUT_LIMITS)).toMatchObject({
      problem: { message: "is 293 KiB; the limit is 256 KiB" },
    });
  });

  test.each([
    ["a string of characters that JSON escapes", (size: number) => "\u0007".repeat(size / 6)],
    ["a string of three bytes a character", (size: number) => "字".repeat(size / 3)],
    ["plain strings", (size: number) => Array.from({ length: size / 8 }, () => "abcde")],
    ["numbers", (size: number) => Array.from({ length: size / 25 }, () => -Number.MAX_VALUE)],
    ["words", (size: number) => Array.from({ length: size / 6 }, () => false)],
    ["empty objects", (size: number) => Array.from({ length: size / 3 }, () => ({}))],
    [
      "keys",
      (size: number) =>
        Object.fromEntries(Array.from({ length: size / 14 }, (_, at) => [`${at + 1e6}`, null])),
    ],
  ])("the size of %s is exact at its limit", (_, make) => {
    const value = make(50_400);
    const bytes = Buffer.byteLength(JSON.stringify(value));
    const limits = { ...INPUT_LIMITS, maxBytes: bytes };
    expect(readJson(value, limits)).toEqual({ value });
    expect(readJson(value, { ...limits, maxBytes: bytes - 1 })).toMatchObject({
      problem: { message: expect.stringContaining("the limit is") as string },
    });
  });
});
