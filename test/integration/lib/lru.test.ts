import { expect, test } from "vitest";
import { Lru } from "../../../src/lib/lru.ts";

test("drops the least recently used entry", () => {
  const made: string[] = [];
  const lru = new Lru<string, string>({ max: 2 });
  const ask = (key: string): string =>
    lru.getOrMake(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  expect(["a", "b", "a", "c", "a", "b"].map(ask).join("")).toBe("ABACAB");
  // "c" dropped "b": "a" was used after it.
  expect(made).toEqual(["a", "b", "c", "b"]);
});

test("stores nothing when a value cannot be made", () => {
  const lru = new Lru<string, string>({ max: 1 });
  const fail = (): string => {
    throw new Error("no such thing");
  };
  for (const key of ["a", "a"]) expect(() => lru.getOrMake(key, fail)).toThrow("no such thing");
  expect(lru.has("a")).toBe(false);
});

test("counts sizes: a large entry drops as many as it takes, and one over the limit is not kept", () => {
  const lru = new Lru<string, string>({ max: 10, sizeOf: (key) => key.length });
  for (const key of ["aaa", "bbb", "ccc", "dddddd"]) lru.set(key, key);
  expect(["aaa", "bbb", "ccc", "dddddd"].filter((key) => lru.has(key))).toEqual(["ccc", "dddddd"]);
  lru.set("e".repeat(11), "");
  expect(["ccc", "dddddd", "e".repeat(11)].filter((key) => lru.has(key))).toEqual([]);
});

test("a value set again counts once", () => {
  const lru = new Lru<string, number>({ max: 2 });
  for (const [key, value] of [
    ["a", 1],
    ["a", 2],
    ["b", 3],
  ] as const)
    lru.set(key, value);
  expect([lru.get("a"), lru.get("b")]).toEqual([2, 3]);
});
