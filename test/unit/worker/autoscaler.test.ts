import { beforeEach, expect, test, vi } from "vitest";
import { Autoscaler } from "../../../src/worker/autoscaler.ts";
import { Slots } from "../../../src/worker/slots.ts";

let slots: Slots;
let waiting: number;
let bounds: { readonly min: number; readonly max: number } | null;
let asked: number;
beforeEach(() => {
  slots = new Slots(2);
  waiting = 0;
  bounds = { min: 1, max: 10 };
  asked = 0;
});

function scaler(idleMs: number): Autoscaler {
  return new Autoscaler(
    {
      slots,
      bounds: () => bounds,
      waiting: async () => {
        asked += 1;
        return waiting;
      },
      resize: (concurrency) => slots.resize(concurrency),
    },
    () => undefined,
    { idleMs },
  );
}

function take(count: number): void {
  for (let taken = 0; taken < count; taken += 1) slots.take();
}
function release(count: number): void {
  for (let released = 0; released < count; released += 1) slots.release();
}

test("grows when all slots are taken and hints wait, by their number, up to its bound", async () => {
  const one = scaler(60_000);
  waiting = 3;
  take(1);
  await one.look();
  expect(slots.total).toBe(2);
  expect(asked).toBe(0);
  take(1);
  waiting = 0;
  await one.look();
  expect(slots.total).toBe(2);
  waiting = 3;
  await one.look();
  expect(slots.total).toBe(5);
  take(3);
  waiting = 1_000;
  await one.look();
  expect(slots.total).toBe(10);
  take(5);
  await one.look();
  expect(slots.total).toBe(10);
  // With nothing to gain nobody is asked.
  expect(asked).toBe(3);
});

test("short tasks between two looks count", async () => {
  const one = scaler(60_000);
  waiting = 1;
  await one.look();
  take(2);
  release(2);
  await one.look();
  expect(slots.total).toBe(3);
});

test("shrinks, after a while with free slots, to the most slots taken; never below its bound", async () => {
  slots.resize(8);
  const one = scaler(0);
  take(3);
  release(1);
  await one.look();
  expect(slots.total).toBe(3);
  release(2);
  await one.look();
  await vi.waitFor(async () => {
    await one.look();
    expect(slots.total).toBe(1);
  });
  const calm = scaler(60_000);
  slots.resize(8);
  await calm.look();
  await calm.look();
  expect(slots.total).toBe(8);
});

test("waits for wake without bounds", async () => {
  bounds = null;
  take(2);
  waiting = 5;
  expect(await scaler(0).look()).toBe(Infinity);
  expect({ total: slots.total, asked }).toEqual({ total: 2, asked: 0 });
});
