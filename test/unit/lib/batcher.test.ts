import { expect, test } from "vitest";
import { Batcher } from "../../../src/lib/async/batcher.ts";

/** A batcher whose batches end when the test says so. */
function setup(options: { maxBatch?: number; concurrency?: number; sizeOf?: (item: number) => number } = {}) {
  const batches: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const batcher = new Batcher<number, number>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({
          items,
          end: (error) => (error ? reject(error) : resolve(items.map((item) => item * 10))),
        });
      }),
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { batcher, batches, turn };
}

test("items that arrive while a batch is under way ride in the next one", async () => {
  const { batcher, batches, turn } = setup();
  const first = [batcher.add(1), batcher.add(2)];
  await turn();
  const second = [batcher.add(3), batcher.add(4)];
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([[1, 2]]);
  batches[0]!.end();
  expect(await Promise.all(first)).toEqual([10, 20]);
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  batches[1]!.end();
  expect(await Promise.all(second)).toEqual([30, 40]);
});

test("batches are bounded, and several may be under way", async () => {
  const { batcher, batches, turn } = setup({ maxBatch: 2, concurrency: 2 });
  const all = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
  await turn();
  await turn();
  expect(batches.map((batch) => batch.items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  for (const batch of batches) batch.end();
  await turn();
  await turn();
  batches[2]!.end();
  expect(await Promise.all(all)).toEqual([10, 20, 30, 40, 50]);
  await batcher.idle();
  expect(batcher.size).toBe(0);
});

test("a batch is bounded by the size of its items, and a larger item is a separate batch", async () => {
  const { batcher, batches, turn } = setup({ maxBatch: 10, concurrency: 9, sizeOf: (item) => item });
  const all = [4, 6, 1, 25, 9, 2].map((item) => batcher.add(item));
  for (let batch = 0; batch < 5; batch += 1) await turn();
  expect(batches.map((batch) => batch.items)).toEqual([[4, 6], [1], [25], [9], [2]]);
  for (const batch of batches) batch.end();
  expect(await Promise.all(all)).toEqual([40, 60, 10, 250, 90, 20]);
});

test("a failed batch fails its items", async () => {
  const { batcher, batches, turn } = setup();
  const failed = Promise.allSettled([batcher.add(1), batcher.add(2)]);
  await turn();
  batches[0]!.end(new Error("no"));
  expect((await failed).map((result) => result.status)).toEqual(["rejected", "rejected"]);
});

/** A batcher that doubles numbers and records its batches, and what its listeners throw. */
function withListeners(options: { failing?: number } = {}) {
  const ran: (readonly number[])[] = [];
  const thrown: unknown[] = [];
  const batcher = new Batcher<number, number>({
    run: async (items) => {
      ran.push(items);
      if (items.includes(options.failing ?? Number.NaN)) throw new Error("refused");
      return items.map((item) => item * 2);
    },
    onListenerError: (error) => thrown.push(error),
  });
  return { batcher, ran, thrown };
}

test("a listener that throws neither runs a finished batch again nor costs its neighbours their results", async () => {
  const { batcher, ran, thrown } = withListeners();
  const mistake = new Error("in a listener");
  const results: number[] = [];
  const onError = (error: unknown): void => void thrown.push(error);
  batcher.push(1, {
    onResult: () => {
      throw mistake;
    },
    onError,
  });
  batcher.push(2, { onResult: (result) => results.push(result), onError });
  await batcher.idle();
  expect({ ran, results, thrown }).toEqual({ ran: [[1, 2]], results: [4], thrown: [mistake] });
});

test("an error listener that throws leaves the batcher working, and idle() resolves", async () => {
  const { batcher, thrown } = withListeners({ failing: 1 });
  const mistake = new Error("in a listener");
  const received: unknown[] = [];
  batcher.push(1, {
    onResult: () => {},
    onError: () => {
      throw mistake;
    },
  });
  batcher.push(3, { onResult: () => {}, onError: (error) => received.push(error) });
  await batcher.idle();
  expect({ thrown, received, size: batcher.size }).toEqual({
    thrown: [mistake],
    received: [new Error("refused")],
    size: 0,
  });
  expect(await batcher.add(4)).toBe(8);
});
