import { expect, test } from "vitest";
import { closest } from "../../../src/lib/suggestion.ts";

test.each([
  ["nam", ["age", "name"], "name"],
  ["retries", ["priority", "retry", "queue"], "retry"],
  ["conc", ["concurrency"], "concurrency"],
  ["qeue", ["queue"], "queue"],
  ["z", ["x", "y"], null],
  ["anything", ["queue"], null],
])("%j among %j stands for %j", (word, candidates, near) => {
  expect(closest(word, candidates)).toBe(near);
});
