import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Consumer } from "../../src/broker/broker.ts";
import { MemoryBroker } from "../../src/broker/memory-broker.ts";
import { silentLogger } from "../../src/lib/log.ts";
import type { ClaimedTask, TaskStore } from "../../src/store/task-store.ts";
import type { WorkerRecord } from "../../src/task/worker.ts";
import { Intake } from "../../src/worker/intake.ts";
import { Slots } from "../../src/worker/slots.ts";
import { type EngineParts, openEngineParts } from "../support/engine-parts.ts";

let parts: EngineParts;
let worker: WorkerRecord;
let broker: MemoryBroker;
let consumer: Consumer;
let begun: ClaimedTask[];
let slots: Slots;
const running: Intake[] = [];
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
});
afterEach(async () => {
  for (const intake of running.splice(0)) await intake.stop();
  await consumer.close();
});

function startIntake(claim?: TaskStore["claim"], queues: readonly string[] = ["default"]): Intake {
  const { tasks } = parts.stores;
  const intake = new Intake({
    store: {
      claim: claim ?? ((request) => tasks.claim(request)),
      stillQueued: (ids) => tasks.stillQueued(ids),
    },
    slots,
    log: silentLogger,
    names: ["test.task"],
    self: () => ({ consumer, id: worker.id, name: worker.name }),
    queues: () => queues,
    ready: () => true,
    onClaimed: (tasks) => void begun.push(...tasks),
  });
  intake.start();
  running.push(intake);
  return intake;
}
async function queued(part: Parameters<EngineParts["insert"]>[0] = {}): Promise<string> {
  const id = await parts.insert(part);
  await broker.send([{ taskId: id, queue: "default", priority: "NORMAL" }]);
  return id;
}
const depth = () => broker.depth("default");
const begunIds = () => begun.map((task) => task.summary.id);

test("it begins as many tasks as there are slots, and more when one is free", async () => {
  const ids = [await queued(), await queued(), await queued()];
  startIntake();
  await vi.waitFor(() => expect(begunIds()).toEqual(ids.slice(0, 2)));
  expect(await depth()).toBe(1);
  slots.release();
  await vi.waitFor(() => expect(begunIds()).toEqual(ids));
  await vi.waitFor(async () => expect(await depth()).toBe(0));
});

test("doubles, forged hints and hints of revoked tasks vanish", async () => {
  const id = await queued();
  const revoked = await queued();
  await parts.stores.control.revoke([revoked], true, 1_000);
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

test("a task whose name this worker does not have goes back, for another that has it; so does one of a paused queue", async () => {
  const [foreign, paused] = [await queued({ name: "other.task" }), await queued()];
  await parts.stores.queues.setPaused("default", true);
  const intake = startIntake();
  const rounds = intake.lastRoundAt;
  await vi.waitFor(() => expect(intake.lastRoundAt).toBeGreaterThan(rounds));
  await intake.stop();
  await consumer.close();
  const other = broker.consumer({ consumer: "another" });
  const back = await other.fetch(["default"], 10, new AbortController().signal);
  expect(back.map((hint) => hint.taskId).sort()).toEqual([foreign, paused].sort());
  expect(back.every((hint) => hint.bounces > 0)).toBe(true);
  expect(begun).toEqual([]);
  await other.close();
});

test("doubles of a hint that nobody here can use do not add up: they would hide that hints of other tasks are lost", async () => {
  const foreign = await queued({ name: "other.task" });
  for (let copy = 0; copy < 3; copy += 1)
    await broker.send([{ taskId: foreign, queue: "default", priority: "NORMAL" }]);
  expect(await depth()).toBe(4);
  const intake = startIntake();
  await vi.waitFor(async () => expect(await depth()).toBe(1));
  // And the last one stays, however often it comes back.
  for (let back = 0; back < 3; back += 1) {
    const round = intake.lastRoundAt;
    await vi.waitFor(() => expect(intake.lastRoundAt).toBeGreaterThan(round + 50));
    expect(await depth()).toBe(1);
  }
});

test("whatever goes wrong with a claim, its hints come back", async () => {
  const id = await queued();
  let tries = 0;
  startIntake(async (request) => {
    tries += 1;
    if (tries === 1) throw Object.assign(new Error("deadlock detected"), { code: "XX000" });
    return parts.stores.tasks.claim(request);
  });
  await vi.waitFor(() => expect(begunIds()).toEqual([id]), { timeout: 10_000 });
});

test("rounds go on, for liveness, while there is nothing to fetch from or the broker fails", async () => {
  const idle = startIntake(undefined, []);
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
