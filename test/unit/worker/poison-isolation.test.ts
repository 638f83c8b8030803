import { expect, test } from "vitest";
import type { Delivery } from "../../../src/broker/broker.ts";
import { PoisonIsolation } from "../../../src/worker/fetch/poison-isolation.ts";

function setup(maxCrashes = 3) {
  const held = new Set<string>();
  let now = 0;
  const inFlight = {
    get size() {
      return held.size;
    },
    has: (id: string) => held.has(id),
  };
  const poisonIsolation = new PoisonIsolation(inFlight, maxCrashes, { monotonic: () => now });
  return { poisonIsolation, held, pass: (ms: number) => (now += ms) };
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
])("with %i crashes allowed, a task is isolated after %i", (maxCrashes, from) => {
  expect(setup(maxCrashes).poisonIsolation.from).toBe(from);
});

test("a task that runs for hours delays no isolated task for long", () => {
  const { poisonIsolation, held, pass } = setup();
  held.add("for hours");
  expect(poisonIsolation.offer(hint("a"))).toBe(true);
  pass(19_000);
  expect(poisonIsolation.takeDue()).toBeNull();
  expect(poisonIsolation.closedMs).toBeGreaterThan(0);
  pass(1_001);
  expect(poisonIsolation.takeDue()?.taskId).toBe("a");
});

test("an isolated task that runs for hours lets other tasks start after a while, but no isolated one", () => {
  const { poisonIsolation, held, pass } = setup();
  poisonIsolation.offer(hint("a"));
  poisonIsolation.takeDue();
  held.add("a");
  poisonIsolation.started("a");
  pass(19_000);
  expect(poisonIsolation.closedMs).toBeGreaterThan(0);
  pass(1_001);
  expect(poisonIsolation.closedMs).toBe(0);
  expect(poisonIsolation.offer(hint("b"))).toBe(false);
  held.delete("a");
  expect(poisonIsolation.offer(hint("b"))).toBe(true);
});
