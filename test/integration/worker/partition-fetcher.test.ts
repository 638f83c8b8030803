import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Delivery } from "../../../src/broker/broker.ts";
import { MemoryRateLimiter } from "../../../src/broker/memory/rate-limiter.ts";
import type { ClaimedTask } from "../../../src/store/tasks/task-store.ts";
import { QUEUE_PARTITION } from "../../../src/task/records/hint.ts";
import { readLimits } from "../../../src/task/limits/limits.ts";
import type { PartitionFetcherParts } from "../../../src/worker/partitions/partition-fetcher.ts";
import { Slots } from "../../../src/worker/slots.ts";
import type { WorkerRecord } from "../../../src/task/records/worker.ts";
import { type EngineParts, openEngineParts } from "../../support/engine-parts.ts";
import { partitionFetcher } from "../../support/partitions.ts";

type Options = Parameters<typeof readLimits>[0];

let parts: EngineParts;
let worker: WorkerRecord;
let begun: string[];
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(async () => {
  await parts.sql.run("truncate lovage.task, lovage.worker, lovage.queue, lovage.limit_turn");
  worker = await parts.register();
  begun = [];
});

/**
 * Looks at a partition once; tells how its hint was answered: `"ack"`, or the milliseconds after
 * which it comes again.
 */
function setup(options: Options, change: Partial<PartitionFetcherParts> = {}, total = 4) {
  const slots = new Slots(total);
  const onClaimed = (tasks: readonly ClaimedTask[]): void =>
    void begun.push(...tasks.map(({ summary }) => summary.limitKey ?? "none"));
  const limits = readLimits(options, []);
  const partitions = partitionFetcher(parts, slots, onClaimed, {
    limits: { ofTask: () => limits, isPaused: () => false, ofQueue: () => null },
    ...change,
  });
  const look = async (partition = "test.task", offer: (delivery: Delivery) => boolean = () => false) => {
    let answer: "ack" | number | null = null;
    const delivery: Delivery = {
      ...{ taskId: worker.id, queue: "default", priority: "NORMAL", partition, bounces: 0 },
      ack: () => (answer ??= "ack"),
      retry: (ms) => (answer ??= ms),
    };
    await partitions.claim([delivery], worker, 2, offer);
    return answer;
  };
  return { partitions, look, slots };
}
const insert = async (count: number, limitKey: string): Promise<void> => {
  for (let sent = 0; sent < count; sent += 1) await parts.insert({ limitKey });
};

test("it starts as many tasks as there are slots and returns the hint at once; without waiting tasks it acknowledges it", async () => {
  await insert(5, "-");
  const { look, slots } = setup({ concurrency: 100 });
  expect(await look()).toBe(0);
  expect([begun.length, slots.free]).toEqual([4, 0]);
  expect(await look()).toBe(0);
  for (let ended = 0; ended < 4; ended += 1) slots.release();
  expect(await look()).toBe("ack");
  expect(begun).toHaveLength(5);
});

test("above a rate nothing starts until permits are available, and unused permits are returned", async () => {
  await insert(2, "-");
  const limiter = new MemoryRateLimiter();
  const { look } = setup({ rateLimit: "3/m" }, { limiter });
  expect(await look()).toBeGreaterThan(50_000);
  expect(begun).toHaveLength(2);
  await insert(5, "-");
  expect(await look()).toBeGreaterThan(50_000);
  expect(begun).toHaveLength(3);
});

test("at a concurrency limit the partition waits for a task to end, and at most a second without a wake", async () => {
  await insert(5, "-");
  const { look } = setup({ concurrency: 2 });
  expect(await look()).toBeGreaterThan(900);
  expect(await look()).toBeGreaterThan(900);
  expect(begun).toHaveLength(2);
});

test("a key at its limit does not delay the others, and turns continue where they ended", async () => {
  await insert(9, "a");
  await insert(9, "b");
  await insert(1, "c");
  const { look, slots } = setup({ rateLimit: { limit: "2/m", key: "x" } }, {}, 3);
  expect(await look()).toBe(0);
  expect(begun.toSorted()).toEqual(["a", "b", "c"]);
  for (let ended = 0; ended < 3; ended += 1) slots.release();
  expect(await look()).toBeGreaterThan(50_000);
  expect(begun.slice(3).toSorted()).toEqual(["a", "b"]);
});

test("with one slot the keys take turns one after the other", async () => {
  for (const key of ["a", "b", "c"]) await insert(3, key);
  const { look, slots } = setup({ concurrency: { max: 5, key: "x" } }, {}, 1);
  for (let turn = 0; turn < 7; turn += 1) {
    await look();
    slots.release();
  }
  expect(begun.join("")).toBe("abcabca");
});

test("hundreds of keys at their limits do not hide a free one", async () => {
  const limiter = new MemoryRateLimiter();
  const { look } = setup({ rateLimit: { limit: "1/m", key: "x" } }, { limiter }, 500);
  await Promise.all(Array.from({ length: 450 }, (_, key) => insert(2, `k${1_000 + key}`)));
  expect(await look()).toBeLessThan(10); // A page of them; the rest follows.
  await look();
  await look();
  expect(new Set(begun).size).toBe(450);
  await insert(1, "zz");
  // A partition that was looked at in vain rests for a moment.
  await vi.waitFor(async () => {
    await look();
    expect(begun.at(-1)).toBe("zz");
  });
});

test("tasks with keys of an earlier version are found by a definition without keys", async () => {
  await insert(3, "old");
  const { look } = setup({ concurrency: 2 });
  expect(await look()).toBeGreaterThan(900);
  expect(begun).toEqual(["old", "old"]);
});

test("a partition whose definition no longer has limits is emptied", async () => {
  await insert(3, "-");
  const { look } = setup({});
  expect(await look()).toBe("ack");
  expect(begun).toHaveLength(3);
});

test("the partition of an unknown definition is left to other workers", async () => {
  const { look } = setup({});
  expect(await look("other.task")).toBe(200);
});

test("a task that may have killed its workers is offered for isolation, and the partition continues", async () => {
  const id = await parts.insert({ limitKey: "-" });
  await parts.sql.run("update lovage.task set crash_count = 2 where id = $1", [id]);
  const { look, partitions } = setup({ concurrency: 2 });
  let offered: Delivery | null = null;
  expect(await look("test.task", (delivery) => ((offered = delivery), true))).toBe(1_000);
  expect(begun).toEqual([]);
  expect(offered).toMatchObject({ taskId: id, partition: "test.task" });
  expect(await partitions.claimIsolated(offered!, worker, 2)).toBe(id);
  expect(begun).toEqual(["-"]);
});

test("hints of tasks in a limited queue are replaced by the hint of its partition", async () => {
  const { partitions } = setup(
    {},
    { limits: { ofTask: () => null, isPaused: () => false, ofQueue: () => ({ max: 1, rate: null }) } },
  );
  const done: string[] = [];
  const delivery = (taskId: string): Delivery => ({
    ...{ taskId, queue: "default", priority: "NORMAL", bounces: 0 },
    ack: () => void done.push(taskId),
    retry: () => undefined,
  });
  expect(await partitions.splitLimited([delivery("1"), delivery("2")])).toEqual([]);
  expect(done).toEqual(["1", "2"]);
  const consumer = parts.broker.consumer({ consumer: "test" });
  const sent = await consumer.fetch(["default"], 10, new AbortController().signal);
  expect(sent.map(({ partition }) => partition)).toEqual([QUEUE_PARTITION]);
  for (const one of sent) one.ack();
});

test("the hint of a partition that may continue soon stays here, and continues within the free slots", async () => {
  await insert(6, "-");
  const limiter = new MemoryRateLimiter();
  const ready = { yes: true, asked: 0 };
  const limits = { rate: { rate: { limit: 2, windowMs: 120 }, key: null }, concurrency: [], keys: [] };
  const change = {
    limiter,
    limits: { ofTask: () => limits, isPaused: () => false, ofQueue: () => null },
    mayClaim: () => {
      ready.asked += 1;
      return ready.yes;
    },
  };
  const { look, slots, partitions } = setup({}, change, 5);
  expect(await look()).toBeNull();
  expect([begun.length, slots.busy]).toEqual([2, 2]);
  await vi.waitFor(() => expect([begun.length, slots.busy]).toEqual([4, 4]));
  ready.yes = false;
  const { asked } = ready;
  await vi.waitFor(() => expect(ready.asked).toBeGreaterThan(asked + 10));
  expect(begun).toHaveLength(4);
  ready.yes = true;
  await vi.waitFor(() => expect([begun.length, slots.busy]).toEqual([5, 5]));
  await partitions.stop();
  expect(slots.busy).toBe(5);
});
