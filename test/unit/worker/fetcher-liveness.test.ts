import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Consumer, Delivery } from "../../../src/broker/broker.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { InFlightTasks } from "../../../src/worker/fetch/in-flight-tasks.ts";
import { Fetcher } from "../../../src/worker/fetch/fetcher.ts";
import type { PartitionFetcher } from "../../../src/worker/partitions/partition-fetcher.ts";
import { Slots } from "../../../src/worker/slots.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function startIntake(fetchHints: Consumer["fetch"], slots = new Slots(1)): Fetcher {
  const consumer = { fetch: fetchHints, close: async () => undefined };
  const fetcher = new Fetcher({
    store: { claim: async () => [], stillQueued: async () => [] },
    slots,
    partitions: {
      plainNames: ["test.task"],
      stop: async () => undefined,
      splitLimited: async (all: readonly Delivery[]) => all,
    } as unknown as PartitionFetcher,
    inFlight: new InFlightTasks(),
    maxCrashes: 3,
    log: silentLogger,
    names: ["test.task"],
    incarnation: () => ({ consumer, id: "id", name: "w" }),
    queues: () => ["default"],
    isReady: () => true,
    onClaimed: () => undefined,
  });
  fetcher.start();
  return fetcher;
}

const never = (): Promise<never> => new Promise(() => undefined);

test("a read of hints that never returns hangs the fetcher, which reports for how long", async () => {
  const fetcher = startIntake(never);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetcher.hungMs).toBeNull();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fetcher.hungMs).toBe(61_000);
});

test("a worker without free slots for a long time is not reported as hung", async () => {
  const slots = new Slots(1);
  slots.take();
  const fetcher = startIntake(never, slots);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetcher.hungMs).toBeNull();
});

test("a fetcher that fails and backs off is not reported as hung", async () => {
  const fetcher = startIntake(async () => Promise.reject(new Error("away")));
  for (let minute = 0; minute < 10; minute += 1) {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetcher.hungMs).toBeNull();
  }
  await Promise.all([fetcher.stop(), vi.advanceTimersByTimeAsync(1)]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetcher.hungMs).toBeNull();
});

test("a broker that was away for a long time is read again within a second", async () => {
  let tries = 0;
  const fetcher = startIntake(async () => {
    tries += 1;
    return Promise.reject(new Error("away"));
  });
  await vi.advanceTimersByTimeAsync(60_000);
  for (let second = 0; second < 20; second += 1) {
    const before = tries;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tries).toBeGreaterThan(before);
  }
  await Promise.all([fetcher.stop(), vi.advanceTimersByTimeAsync(1)]);
});
