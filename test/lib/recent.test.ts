import { expect, test } from "vitest";
import { Recent } from "../../src/lib/lru.ts";

test("keeps what was asked for last, and makes the rest anew", () => {
  const made: string[] = [];
  const recent = new Recent(2, (key) => {
    made.push(key);
    return key.toUpperCase();
  });
  expect(["a", "b", "a", "c", "a", "b"].map((key) => recent.get(key)).join("")).toBe("ABACAB");
  // "b" made room for "c": "a" had been asked for since.
  expect(made).toEqual(["a", "b", "c", "b"]);
});

test("keeps nothing of what cannot be made", () => {
  const recent = new Recent<string>(1, () => {
    throw new Error("no such thing");
  });
  for (const key of ["a", "a"]) expect(() => recent.get(key)).toThrow("no such thing");
});
