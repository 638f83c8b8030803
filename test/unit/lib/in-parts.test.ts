import { expect, test } from "vitest";
import { runInParts } from "../../../src/lib/async/in-parts.ts";

class Outage extends Error {}

/** Doubles numbers; fails for a batch that has a bad one, and notes the batches. */
function setUp(bad: readonly number[], error: Error) {
  const batches: number[][] = [];
  const run = async (items: readonly number[]) => {
    batches.push([...items]);
    if (items.some((item) => bad.includes(item))) throw error;
    return items.map((item) => item * 2);
  };
  return { batches, options: { run, isGeneral: (thrown: unknown) => thrown instanceof Outage } };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test("items that succeed run in one pass", async () => {
  const { batches, options } = setUp([], new Error("bad"));
  expect(await runInParts([1, 2, 3], options)).toEqual([{ result: 2 }, { result: 4 }, { result: 6 }]);
  expect(batches).toEqual([[1, 2, 3]]);
  expect(await runInParts([], options)).toEqual([]);
});

test.each([[[0]], [[999]], [[512]], [[3, 997]]])(
  "bad items (%j) fail alone, and are soon found",
  async (bad) => {
    const error = new Error("bad");
    const { batches, options } = setUp(bad, error);
    const parts = await runInParts(range(1_000), options);
    expect(parts).toEqual(
      range(1_000).map((item) => (bad.includes(item) ? { error } : { result: item * 2 })),
    );
    expect(batches.length).toBeLessThanOrEqual(1 + 20 * bad.length);
  },
);

test("where nothing works, the search for the bad item ends", async () => {
  const error = new Outage("away");
  const { batches, options } = setUp(range(1_000), error);
  expect(await runInParts(range(1_000), options)).toEqual(range(1_000).map(() => ({ error })));
  expect(batches.length).toBeLessThanOrEqual(21);
});

test("an error that may be about all items does not end the search while some of them work", async () => {
  const error = new Outage("damaged row");
  const { options } = setUp([700], error);
  const parts = await runInParts(range(1_000), options);
  expect(parts.filter((part) => "error" in part)).toEqual([{ error }]);
});
