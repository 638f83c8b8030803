import { expect, test } from "vitest";
import { stringifyInSlices } from "../../../src/lib/json/json-slices.ts";

const deep = { a: { b: { c: { d: { e: { f: { g: [1, { h: "ü" }] } } } } } } };
const odd = {
  none: undefined,
  call: () => 1,
  list: [undefined, () => 1, null, [], {}, Number.NaN],
  date: new Date(0),
  'q"uote': "line\nbreak\u0001",
  own: Object.assign(Object.create(null), { x: 1 }),
};

test.each([[null], [1], ["text"], [[]], [{}], [[1, [2, [3]]]], [deep], [odd]])(
  "%j is as JSON.stringify has it",
  async (value) => {
    const text = await stringifyInSlices(value, 1_000_000);
    expect(text?.toString()).toBe(JSON.stringify(value));
  },
);

test("a large value leaves turns of the event loop to others", async () => {
  const rows = Array.from({ length: 400 }, (_, id) => ({ id, result: "x".repeat(100_000) }));
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const text = await stringifyInSlices({ data: { tasks: { nodes: rows } } }, 1_000_000_000);
  done = true;
  expect(text!.length).toBeGreaterThan(40_000_000);
  expect(turns).toBeGreaterThan(3);
});

test("a value that is too large is given up at the limit", async () => {
  const touched: number[] = [];
  const row = (id: number) => ({
    id,
    get result() {
      touched.push(id);
      return "é".repeat(500);
    },
  });
  const rows = Array.from({ length: 100 }, (_, id) => row(id));
  expect(await stringifyInSlices({ rows }, 10_000)).toBeNull();
  expect(touched.length).toBeLessThan(15);
});
