import { expect, test } from "vitest";
import type { Delivery } from "../../src/broker/broker.ts";
import { LastChance } from "../../src/worker/fetch/poison-isolation.ts";

function setup(maxCrashes = 3) {
  const held = new Set<string>();
  let now = 0;
  const holdings = {
    get size() {
      return held.size;
    },
    has: (id: string) => held.has(id),
  };
  const lastChance = new LastChance(holdings, maxCrashes, { monotonic: () => now });
  return { lastChance, held, pass: (ms: number) => (now += ms) };
}
const hint = (taskId: string): Delivery => ({
  ...{ taskId, queue: "default", priority: "NORMAL", bounces: 0 },
  ...{ ack: () => undefined, retry: () => undefined },
});

test.each([
  [1, 1],
  [2, 1],
  [3, 2],
  [10, 9],
])("with %i crashes allowed, the last chance comes after %i", (maxCrashes, from) => {
  expect(setup(maxCrashes).lastChance.from).toBe(from);
});

test("a task that runs for hours holds no last chance up for long", () => {
  const { lastChance, held, pass } = setup();
  held.add("for hours");
  expect(lastChance.offer(hint("a"))).toBe(true);
  pass(19_000);
  expect(lastChance.takeDue()).toBeNull();
  expect(lastChance.closedMs).toBeGreaterThan(0);
  pass(1_001);
  expect(lastChance.takeDue()?.taskId).toBe("a");
});

test("a last chance that runs for hours lets others begin after a while, but no other last chance", () => {
  const { lastChance, held, pass } = setup();
  lastChance.offer(hint("a"));
  lastChance.takeDue();
  held.add("a");
  lastChance.began("a");
  pass(19_000);
  expect(lastChance.closedMs).toBeGreaterThan(0);
  pass(1_001);
  expect(lastChance.closedMs).toBe(0);
  expect(lastChance.offer(hint("b"))).toBe(false);
  held.delete("a");
  expect(lastChance.offer(hint("b"))).toBe(true);
});
