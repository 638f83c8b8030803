import { expect, test } from "vitest";

import { Fifo } from "../../../src/lib/async/fifo.ts";
import { MergingQueue } from "../../../src/lib/async/merging-queue.ts";

function drain<Item>(queue: MergingQueue<Item>): Item[] {
  const items: Item[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

test("while there is room, all items stay in order", () => {
  const queue = new MergingQueue<string>(4);
  for (const item of ["a1", "b1", "a2", "a3"]) expect(queue.push(item[0]!, item)).toEqual([]);
  expect(queue.size).toBe(4);
  expect(drain(queue)).toEqual(["a1", "b1", "a2", "a3"]);
  expect(queue.size).toBe(0);
});

test("when full, the newest of each key stays, at its own position", () => {
  const queue = new MergingQueue<string>(4);
  for (const item of ["a1", "b1", "a2", "a3"]) queue.push(item[0]!, item);
  expect(queue.push("c", "c1")).toEqual([
    { how: "merged", item: "a1", into: "a3" },
    { how: "merged", item: "a2", into: "a3" },
  ]);
  expect(queue.push("b", "b2")).toEqual([{ how: "merged", item: "b1", into: "b2" }]);
  expect(drain(queue)).toEqual(["a3", "c1", "b2"]);
});

test("when full of different keys, the oldest leaves", () => {
  const queue = new MergingQueue<number>(3);
  for (const item of [1, 2, 3]) queue.push(`key ${item}`, item);
  expect(queue.push("key 4", 4)).toEqual([{ how: "dropped", item: 1 }]);
  expect(queue.push("key 2", 5)).toEqual([{ how: "merged", item: 2, into: 5 }]);
  expect(drain(queue)).toEqual([3, 4, 5]);
});

test("merges on demand, and no more once half of a full queue was read", () => {
  const queue = new MergingQueue<number>(4);
  queue.push("a", 1);
  expect(queue.push("a", 2, true)).toEqual([{ how: "merged", item: 1, into: 2 }]);
  for (const item of [3, 4, 5, 6]) queue.push(`key ${item}`, item);
  expect(queue.size).toBe(4);
  queue.shift();
  expect(queue.push("key 6", 7)).toEqual([{ how: "merged", item: 6, into: 7 }]);
  queue.shift();
  expect(queue.push("key 7", 8)).toEqual([]);
  expect(queue.push("key 7", 9)).toEqual([]);
});

test("never holds more than it may, loses count of nothing, and keeps the order, whatever happens", () => {
  const queue = new MergingQueue<number>(50);
  let displaced = 0;
  const read: number[] = [];
  const random = generator(42);
  for (let item = 1; item <= 50_000; item += 1) {
    displaced += queue.push(`key ${Math.floor(random() * 80)}`, item, random() < 0.1).length;
    expect(queue.size).toBeLessThanOrEqual(50);
    const reads = random() < 0.02 ? 60 : random() < 0.5 ? 1 : 0;
    for (let count = 0; count < reads; count += 1) {
      const next = queue.shift();
      if (next !== undefined) read.push(next);
    }
  }
  read.push(...drain(queue));
  expect(read.length + displaced).toBe(50_000);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
  queue.push("a", 1);
  queue.clear();
  expect([queue.size, queue.shift()]).toEqual([0, undefined]);
});

test("a Fifo returns its items, in order, at any length", () => {
  const fifo = new Fifo<number>();
  const read: number[] = [];
  const random = generator(7);
  for (let item = 0; item < 20_000; item += 1) {
    fifo.push(item);
    while (random() < 0.49) {
      const next = fifo.shift();
      if (next === undefined) break;
      read.push(next);
    }
    if (fifo.size > 0) expect(fifo.at(0)).toBe(read.length);
  }
  expect(fifo.size).toBe(20_000 - read.length);
  while (fifo.size > 0) read.push(fifo.shift()!);
  expect(read).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
});

/** The same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
