import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Interval, type IntervalOptions } from "../../../src/lib/async/interval.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

async function startLoop(tick: () => Promise<number | void>, options: Partial<IntervalOptions> = {}) {
  const onError = vi.fn();
  const interval = new Interval(tick, { name: "test", everyMs: 1_000, onError, ...options });
  await interval.start();
  await vi.advanceTimersByTimeAsync(0);
  return interval;
}

const never = (): Promise<never> => new Promise(() => undefined);

describe("a loop hangs", () => {
  test("when a tick has not ended for a minute, and for how long", async () => {
    const interval = await startLoop(never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(interval.hungMs).toBeNull();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(interval.hungMs).toBe(65_000);
  });

  test("when its timer has not fired for a minute although it was due", async () => {
    const interval = await startLoop(async () => undefined);
    vi.clearAllTimers();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(interval.hungMs).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(interval.hungMs).toBe(61_000);
  });

  test("no more once the tick has ended", async () => {
    const held = Promise.withResolvers<void>();
    const interval = await startLoop(() => held.promise);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(interval.hungMs).not.toBeNull();
    held.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(interval.hungMs).toBeNull();
  });
});

describe("a loop turns", () => {
  test("while its ticks fail and it backs off", async () => {
    const interval = await startLoop(async () => Promise.reject(new Error("away")), {
      maxBackoffMs: 300_000,
    });
    for (let minute = 0; minute < 30; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
      expect(interval.hungMs).toBeNull();
    }
  });

  test("while it rests for long because nothing is to be done", async () => {
    const interval = await startLoop(async () => 3_600_000);
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(interval.hungMs).toBeNull();
  });

  test("while a long tick gets from batch to batch", async () => {
    const interval = await startLoop(never);
    for (let batch = 0; batch < 10; batch += 1) {
      await vi.advanceTimersByTimeAsync(50_000);
      expect(interval.hungMs).toBeNull();
      interval.step();
    }
  });

  test("and when it was stopped, it need not", async () => {
    const interval = await startLoop(async () => undefined);
    await interval.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(interval.hungMs).toBeNull();
  });
});

describe("a loop that fails", () => {
  const failing = (): Promise<never> => Promise.reject(new Error("away"));

  test("keeps its back-off, however often it is woken: the cause of the wake-up may be what fails", async () => {
    const tick = vi.fn(failing);
    const interval = await startLoop(tick);
    for (let second = 0; second < 60; second += 1) {
      interval.wake();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(tick.mock.calls.length).toBeLessThan(10);
  });

  test("complains once a minute, not once a tick", async () => {
    const onError = vi.fn();
    const tick = vi.fn(failing);
    await startLoop(tick, { maxBackoffMs: 1_000, onError });
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(tick.mock.calls.length).toBeGreaterThan(250);
    expect(onError.mock.calls.length).toBeLessThanOrEqual(6);
  });
});
