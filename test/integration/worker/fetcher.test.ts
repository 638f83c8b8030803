import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Consumer } from "../../../src/broker/broker.ts";
import { MemoryBroker } from "../../../src/broker/memory/broker.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { ClaimedTask, TaskStore } from "../../../src/store/tasks/task-store.ts";
import type { WorkerRecord } from "../../../src/task/records/worker.ts";
import { InFlightTasks } from "../../../src/worker/fetch/in-flight-tasks.ts";
import { Fetcher } from "../../../src/worker/fetch/fetcher.ts";
import { Slots } from "../../../src/worker/slots.ts";
import { partitionFetcher } from "../../support/partitions.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

let parts: EngineParts;
let worker: WorkerRecord;
let broker: MemoryBroker;
let consumer: Consumer;
let begun: ClaimedTask[];
let slots: Slots;
let inFlight: InFlightTasks;
const running: Fetcher[] = [];
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(async () => {
  await parts.sql.run("truncate lovage.task, lovage.worker, lovage.queue");
  worker = await parts.register();
  broker = new MemoryBroker({ blockMs: 100 });
  consumer = broker.consumer({ consumer: worker.id });
  begun = [];
  slots = new Slots(2);
  inFlight = new InFlightTasks();
});
afterEach(async () => {
  for (const fetcher of running.splice(0)) await fetcher.stop();
  await consumer.close();
});

function startIntake(claim?: TaskStore["claim"], queues = (): readonly string[] => ["default"]): Fetcher {
  const { tasks } = parts.stores;
  const onClaimed = (claimed: readonly ClaimedTask[]): void => {
    begun.push(...claimed);
    for (const task of claimed) inFlight.add(task);
  };
  const fetcher = new Fetcher({
    store: {
      claim: claim ?? ((request) => tasks.claim(request)),
      stillQueued: (ids) => tasks.stillQueued(ids),
    },
    slots,
    partitions: partitionFetcher(parts, slots, onClaimed),
    inFlight,
    maxCrashes: 3,
    log: silentLogger,
    names: ["test.task"],
    incarnation: () => ({ consumer, id: worker.id, name: worker.name }),
    queues,
    isReady: () => true,
    onClaimed,
  });
  fetcher.start();
  running.push(fetcher);
  return fetcher;
}
async function queued(part: Parameters<EngineParts["insert"]>[0] = {}): Promise<string> {
  const id = await parts.insert(part);
  await broker.send([{ taskId: id, queue: "default", priority: "NORMAL" }]);
  return id;
}
/** A task whose worker died so often while it ran it. */
async function crashed(crashes: number): Promise<string> {
  const id = await parts.insert();
  await parts.sql.run("update lovage.task set crash_count = $2 where id = $1", [id, crashes]);
  await broker.send([{ taskId: id, queue: "default", priority: "NORMAL" }]);
  return id;
}
/** Ends a task that was begun. */
async function end(id: string): Promise<void> {
  const task = begun.find(({ summary }) => summary.id === id)!;
  await parts.stores.tasks.finish([outcomeOf(task, { kind: "succeeded", output: null })]);
  slots.release();
  inFlight.remove(task);
}
/** The fetcher went round so often, whatever it found. */
async function rounds(fetcher: Fetcher, count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    const last = fetcher.lastRoundAt;
    await vi.waitFor(() => expect(fetcher.lastRoundAt).toBeGreaterThan(last), { timeout: 5_000 });
  }
}
const depth = () => broker.depth("default");
const begunIds = () => begun.map((task) => task.summary.id);

test("it starts as many tasks as there are slots, and more when one is free", async () => {
  const ids = [await queued(), await queued(), await queued()];
  startIntake();
  await vi.waitFor(() => expect(begunIds()).toEqual(ids.slice(0, 2)));
  expect(await depth()).toBe(1);
  slots.release();
  await vi.waitFor(() => expect(begunIds()).toEqual(ids));
  await vi.waitFor(async () => expect(await depth()).toBe(0));
});

test("slots that become free in one turn of the event loop are filled by one statement", async () => {
  for (let task = 0; task < 4; task += 1) await queued();
  const sizes: number[] = [];
  startIntake(async (request) => {
    const claimed = await parts.stores.tasks.claim(request);
    sizes.push(claimed.length);
    return claimed;
  });
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  // Two attempts that waited for the same moment: the microtasks of the first run before the second
  // ends.
  setImmediate(() => slots.release());
  setImmediate(() => slots.release());
  await vi.waitFor(() => expect(begun).toHaveLength(4));
  expect(sizes).toEqual([2, 2]);
});

test("duplicates, forged hints and hints of revoked tasks are acknowledged", async () => {
  const id = await queued();
  const revoked = await queued();
  await parts.stores.taskControl.revoke([revoked], true, 1_000);
  const hints = [id, "0199aaaa-0000-7000-8000-000000000000"].map((taskId) => ({
    taskId,
    queue: "default",
    priority: "NORMAL" as const,
  }));
  await broker.send(hints);
  startIntake();
  await vi.waitFor(async () => expect(await depth()).toBe(0));
  expect(begunIds()).toEqual([id]);
});

test("the hint of an unknown definition or of a paused queue is returned for another worker", async () => {
  const [foreign, paused] = [await queued({ name: "other.task" }), await queued()];
  await parts.stores.queues.setPaused("default", true);
  const fetcher = startIntake();
  const rounds = fetcher.lastRoundAt;
  await vi.waitFor(() => expect(fetcher.lastRoundAt).toBeGreaterThan(rounds));
  await fetcher.stop();
  await consumer.close();
  const other = broker.consumer({ consumer: "another" });
  const back = await other.fetch(["default"], 10, new AbortController().signal);
  expect(back.map((hint) => hint.taskId).sort()).toEqual([foreign, paused].sort());
  expect(back.every((hint) => hint.bounces > 0)).toBe(true);
  expect(begun).toEqual([]);
  await other.close();
});

test("duplicates of a hint that this worker cannot use do not add up: they would hide lost hints of other tasks", async () => {
  const foreign = await queued({ name: "other.task" });
  for (let copy = 0; copy < 3; copy += 1)
    await broker.send([{ taskId: foreign, queue: "default", priority: "NORMAL" }]);
  expect(await depth()).toBe(4);
  const fetcher = startIntake();
  await vi.waitFor(async () => expect(await depth()).toBe(1));
  // And the last one stays, however often it comes back.
  for (let back = 0; back < 3; back += 1) {
    const round = fetcher.lastRoundAt;
    await vi.waitFor(() => expect(fetcher.lastRoundAt).toBeGreaterThan(round + 50));
    expect(await depth()).toBe(1);
  }
});

test("the hints of a failed claim are delivered again", async () => {
  const id = await queued();
  let tries = 0;
  startIntake(async (request) => {
    tries += 1;
    if (tries === 1) throw Object.assign(new Error("deadlock detected"), { code: "XX000" });
    return parts.stores.tasks.claim(request);
  });
  await vi.waitFor(() => expect(begunIds()).toEqual([id]), { timeout: 10_000 });
});

test("rounds continue, for liveness, without queues or while the broker fails", async () => {
  const idle = startIntake(undefined, () => []);
  const before = idle.lastRoundAt;
  await vi.waitFor(() => expect(idle.lastRoundAt).toBeGreaterThan(before), { timeout: 5_000 });
  const failing = startIntake();
  consumer = {
    fetch: async () => {
      throw new Error("away");
    },
    close: () => Promise.resolve(),
  };
  const then = failing.lastRoundAt;
  await vi.waitFor(() => expect(failing.lastRoundAt).toBeGreaterThan(then), { timeout: 5_000 });
});

test("an isolated task starts when no other task runs, and none starts beside it", async () => {
  const first = await queued();
  const suspect = await crashed(2);
  const fetcher = startIntake();
  await vi.waitFor(() => expect(begunIds()).toEqual([first]));
  const later = await queued();
  await rounds(fetcher, 2);
  expect(begunIds()).toEqual([first]);
  await end(first);
  await vi.waitFor(() => expect(begunIds()).toEqual([first, suspect]));
  await rounds(fetcher, 2);
  expect(begunIds()).toEqual([first, suspect]);
  await end(suspect);
  await vi.waitFor(() => expect(begunIds()).toEqual([first, suspect, later]));
});

test("isolated tasks run one after the other, and leave the slots to other tasks in between", async () => {
  const suspects = [await crashed(2), await crashed(2), await crashed(5)];
  const others = [await queued(), await queued(), await queued()];
  const beside: (readonly string[])[] = [];
  slots = new Slots(4);
  startIntake();
  const open = new Set<string>();
  for (let ended = 0; ended < 6; ended += 1) {
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(ended), { timeout: 5_000 });
    for (const id of begunIds().slice(ended)) open.add(id);
    if (suspects.some((id) => open.has(id))) beside.push([...open]);
    const [next] = open;
    open.delete(next!);
    await end(next!);
  }
  expect(begunIds().sort()).toEqual([...suspects, ...others].sort());
  expect(beside.every((ids) => ids.length === 1)).toBe(true);
  await vi.waitFor(async () => expect(await depth()).toBe(0), { timeout: 5_000 });
});

test("after one crash a task runs beside others: the tasks of a killed node are not delayed", async () => {
  const ids = [await crashed(1), await crashed(1)];
  startIntake();
  await vi.waitFor(() => expect(begunIds()).toEqual(ids));
});

test("the hint of a waiting isolated task is returned when the worker stops", async () => {
  const first = await queued();
  const suspect = await crashed(2);
  const fetcher = startIntake();
  await vi.waitFor(() => expect(begunIds()).toEqual([first]));
  await rounds(fetcher, 1);
  await fetcher.stop();
  const other = broker.consumer({ consumer: "another" });
  const [back] = await other.fetch(["default"], 10, new AbortController().signal);
  expect(back?.taskId).toBe(suspect);
  await other.close();
});

test("an isolated task that cannot be claimed is tried again with pauses", async () => {
  let claims = 0;
  const claimableAt = performance.now() + 1_500;
  startIntake(async (request) => {
    claims += 1;
    if (request.crashesBelow === undefined && performance.now() < claimableAt) return [];
    return parts.stores.tasks.claim(request);
  });
  const suspect = await crashed(2);
  await vi.waitFor(() => expect(begunIds()).toEqual([suspect]), { timeout: 8_000 });
  expect(claims).toBeLessThan(12);
});

test("hints for removed slots or queues are returned at once", async () => {
  let open: readonly string[] = ["default"];
  const claims: string[][] = [];
  const fetcher = startIntake(
    (request) => {
      claims.push([...request.taskIds]);
      return parts.stores.tasks.claim(request);
    },
    () => open,
  );
  // The fetch that waits asked for two slots and this queue.
  slots.resize(1);
  const ids = [await parts.insert(), await parts.insert()];
  await broker.send(ids.map((taskId) => ({ taskId, queue: "default", priority: "NORMAL" })));
  await vi.waitFor(() => expect(begun.length).toBe(1));
  expect(claims.flat()).toEqual([begun[0]!.summary.id]);
  open = [];
  await fetcher.interrupt();
  slots.release();
  await queued();
  open = ["default"];
  await fetcher.interrupt();
  await vi.waitFor(() => expect(begun.length).toBe(2));
  expect(ids).toContain(begun[1]!.summary.id);
  expect(claims.flat().length).toBe(2);
});
