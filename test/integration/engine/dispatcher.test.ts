import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Dispatcher, type DispatcherOptions } from "../../../src/engine/maintenance/dispatcher.ts";
import { Enqueuer } from "../../../src/engine/enqueue/enqueuer.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import type { MaintenanceStore } from "../../../src/store/maintenance/maintenance-store.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

const registry = new Registry([]);
let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());

const error = { type: "Error", message: "no", stack: null, retryable: true, fingerprint: "f" };

function makeDispatcher(options: DispatcherOptions = {}, store: Partial<MaintenanceStore> = {}): Dispatcher {
  const { maintenance } = parts.stores;
  return new Dispatcher(
    {
      store: {
        announceNew: (limit) => maintenance.announceNew(limit),
        promoteDue: store.promoteDue ?? ((limit) => maintenance.promoteDue(limit)),
        nextDueInMs: store.nextDueInMs ?? (() => maintenance.nextDueInMs()),
      },
      enqueuer: new Enqueuer({
        ...parts,
        registry,
        store: parts.stores.tasks,
        onDelayed: () => undefined,
        clock: systemClock,
      }),
      hints: parts.hints,
      publisher: parts.publisher,
      signals: parts.signals,
    },
    () => undefined,
    options,
  );
}
const makeDue = (ids: readonly string[]) =>
  parts.sql.run("update lovage.task set run_at = now() - interval '1 second' where id = any($1::uuid[])", [
    ids,
  ]);

test("due tasks, delayed and retried, are queued, published and hinted, in small batches; later ones wait", async () => {
  const worker = await parts.register();
  const delayed = [await parts.insert({ delayMs: 60_000 }), await parts.insert({ delayMs: 60_000 })];
  const [failed] = await parts.claim(worker, [await parts.insert()]);
  await parts.stores.tasks.finish([outcomeOf(failed!, { kind: "retry", error, delayMs: 60_000 })]);
  const later = await parts.insert({ delayMs: 60_000 });
  const due = [...delayed, failed!.summary.id];
  await makeDue(due);
  const sleep = await makeDispatcher({ batchSize: 1, maxSleepMs: 100_000 }).dispatch();
  expect((await parts.events()).sort()).toEqual(due.map((id) => `QUEUED ${id}`).sort());
  expect((await parts.takeHints()).sort()).toEqual([...due].sort());
  expect((await parts.read(later)).state).toBe("SCHEDULED");
  expect(sleep).toBeGreaterThan(50_000);
  expect(sleep).toBeLessThanOrEqual(60_000);
});

test("new tasks without a notification get their hints and events once, also delayed ones", async () => {
  const fresh = [
    await parts.insert({ isAnnounced: false }),
    await parts.insert({ isAnnounced: false }),
    await parts.insert({ isAnnounced: false, delayMs: 60_000 }),
  ];
  expect((await parts.read(fresh[0]!)).version).toBe(0);
  await Promise.all([makeDispatcher({ batchSize: 1 }).dispatch(), makeDispatcher().dispatch()]);
  expect((await parts.events()).sort()).toEqual(fresh.map((id) => `ENQUEUED ${id}`).sort());
  expect((await parts.takeHints()).sort()).toEqual(fresh.slice(0, 2).sort());
  expect((await parts.read(fresh[2]!)).version).toBe(1);
});

test("it sleeps no longer than it may, and never spins on rows that it cannot have", async () => {
  expect(await makeDispatcher({ maxSleepMs: 250 }).dispatch()).toBe(250);
  // As when another process holds the due rows locked: there is something due, and nothing to take.
  const locked = { promoteDue: async () => [], nextDueInMs: async () => -5_000 };
  expect(await makeDispatcher({}, locked).dispatch()).toBeGreaterThanOrEqual(5);
});

test("a notification of a task that is due soon shortens the sleep", async () => {
  await using dispatcher = makeDispatcher({ maxSleepMs: 60_000 });
  await dispatcher.start();
  const id = await parts.insert({ delayMs: 40 });
  parts.signals.publish({ type: "due", inMs: 40 });
  await vi.waitFor(async () => expect((await parts.read(id)).state).toBe("QUEUED"), { timeout: 5_000 });
});

test("a stop leaves a large backlog for others instead of working it off", async () => {
  const started = Promise.withResolvers<void>();
  let batches = 0;
  const dispatcher = makeDispatcher(
    { batchSize: 1 },
    {
      promoteDue: async () => {
        batches += 1;
        started.resolve();
        await new Promise(setImmediate);
        return [(await parts.read(id))!] as never;
      },
    },
  );
  const id = await parts.insert();
  await dispatcher.start();
  await started.promise;
  await dispatcher.stop();
  expect(batches).toBeLessThan(100);
  await parts.takeHints();
});
