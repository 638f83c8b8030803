import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Results } from "../../../src/engine/outcome/results.ts";
import { MemoryBroker } from "../../../src/broker/memory/broker.ts";
import { Recorder } from "../../../src/engine/outcome/recorder.ts";
import { TransactionRecorder } from "../../../src/engine/outcome/transaction-recorder.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { TaskStore } from "../../../src/store/tasks/task-store.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { MemoryRateLimiter } from "../../../src/broker/memory/rate-limiter.ts";
import { RuntimeOverrides } from "../../../src/task/records/task-overrides.ts";
import type { WorkerParts } from "../../../src/worker/worker.ts";
import { Worker } from "../../../src/worker/worker.ts";
import { type EngineParts, KEEP_MS, openEngineParts } from "../../support/engine-parts.ts";

let parts: EngineParts;
let signals: AbortSignal[];
let gate: PromiseWithResolvers<null>;
const workers: Worker[] = [];
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(async () => {
  await parts.sql.run("truncate lovage.task, lovage.worker, lovage.worker_setting");
  signals = [];
  gate = Promise.withResolvers();
});
afterEach(async () => {
  gate.resolve(null);
  for (const worker of workers.splice(0)) await worker.stop();
  await parts.takeHints();
});

/** Runs until the gate opens or its signal aborts. */
const definition = defineTask({
  name: "test.task",
  run: (_input, ctx) => {
    signals.push(ctx.signal);
    return new Promise<null>((resolve, reject) => {
      void gate.promise.then(resolve);
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
    });
  },
});

async function startWorker(
  change: {
    tasks?: Partial<TaskStore>;
    workers?: Partial<WorkerParts["workers"]>;
    control?: WorkerParts["control"];
    broker?: MemoryBroker;
  } = {},
) {
  const { stores, hints, publisher, signals: told } = parts;
  const broker = change.broker ?? parts.broker;
  const tasks = delegate(stores.tasks, change.tasks);
  const results = new Results(null, silentLogger);
  const registry = new Registry([{ definition, file: null }]);
  const worker = new Worker(
    {
      registry,
      tasks,
      workers: delegate(stores.workers, change.workers),
      queues: stores.queues,
      limited: stores.limited,
      limiter: new MemoryRateLimiter(),
      control: change.control ?? stores.control,
      settings: new RuntimeOverrides(registry),
      logs: stores.logs,
      ...{ hints, broker, signals: told, publisher, log: silentLogger },
      enqueue: () => Promise.reject(new Error("Nothing is enqueued here.")),
      recorder: new Recorder({
        store: tasks,
        hints,
        publisher,
        results,
        onDelayed: () => undefined,
        log: silentLogger,
      }),
      transactions: new TransactionRecorder({
        transactions: stores.transactions,
        store: tasks,
        publisher,
        results,
        log: silentLogger,
      }),
    },
    {
      identity: {
        ...{ name: "worker@test", hostname: "test", version: "0.0.0" },
        ...{ queues: ["default"], definitions: ["test.task"], pool: "async", concurrency: 4 },
      },
      ...{ everyMs: 50, liveEveryMs: 60_000, graceMs: 60_000, keepMs: KEEP_MS, claimIdleAfterMs: 1_000 },
      maxCrashes: 3,
      logs: { level: "info", maxLines: 100 },
    },
  );
  workers.push(worker);
  await worker.start();
  return worker;
}
/** The same store, some of its methods done otherwise. */
function delegate<Store extends object>(store: Store, change: Partial<Store> = {}): Store {
  return Object.assign(Object.create(store) as Store, change);
}
async function enqueue(): Promise<string> {
  const id = await parts.insert();
  await parts.broker.send([{ taskId: id, queue: "default", priority: "NORMAL" }]);
  return id;
}

test("a claim whose reply was lost leaves no task STARTED forever", async () => {
  let lost = 0;
  const worker = await startWorker({
    tasks: {
      claim: async (request) => {
        const claimed = await parts.stores.tasks.claim(request);
        lost += 1;
        if (lost === 1) throw new UnavailableError("database");
        return claimed;
      },
    },
  });
  const id = await enqueue();
  await vi.waitFor(() => expect(signals.length).toBe(1), { timeout: 10_000 });
  gate.resolve(null);
  await vi.waitFor(async () => expect((await parts.read(id)).state).toBe("SUCCESS"), { timeout: 5_000 });
  expect(await parts.read(id)).toMatchObject({ attempt: 1, crashCount: 0, workerId: worker.id });
});

test("running tasks, and tasks whose outcome is not recorded yet, are not requeued as forgotten", async () => {
  let away = true;
  const beats = vi.fn((id: string) => parts.stores.tasks.startedBy(id));
  await startWorker({
    tasks: {
      startedBy: beats,
      finish: async (outcomes) => {
        if (away) throw new UnavailableError("database");
        return parts.stores.tasks.finish(outcomes);
      },
    },
  });
  const id = await enqueue();
  await vi.waitFor(() => expect(signals.length).toBe(1));
  const turns = async (count: number): Promise<void> => {
    const before = beats.mock.calls.length;
    await vi.waitFor(() => expect(beats.mock.calls.length).toBeGreaterThan(before + count));
  };
  await turns(4);
  gate.resolve(null);
  await turns(4);
  expect((await parts.read(id)).state).toBe("STARTED");
  away = false;
  await vi.waitFor(async () => expect((await parts.read(id)).state).toBe("SUCCESS"), { timeout: 5_000 });
  expect(signals.length).toBe(1);
});

test("a cancel whose signal was lost is found by the heartbeat", async () => {
  await startWorker();
  const id = await enqueue();
  await vi.waitFor(() => expect(signals.length).toBe(1));
  await parts.stores.taskControl.revoke([id], true, KEEP_MS);
  await vi.waitFor(async () => expect((await parts.read(id)).state).toBe("REVOKED"), { timeout: 5_000 });
});

test("a worker that was declared LOST registers again under another id, and its tasks run again", async () => {
  const worker = await startWorker();
  const before = worker.id;
  const id = await enqueue();
  await vi.waitFor(() => expect(signals.length).toBe(1));
  await parts.sql.run("update lovage.worker set status = 'LOST' where id = $1", [before]);
  await vi.waitFor(() => expect(worker.id).not.toBe(before));
  await vi.waitFor(() => expect(signals.length).toBe(2), { timeout: 5_000 });
  expect(signals[0]!.aborted).toBe(true);
  gate.resolve(null);
  await vi.waitFor(async () => expect((await parts.read(id)).state).toBe("SUCCESS"), { timeout: 5_000 });
  expect((await parts.read(id)).workerId).toBe(worker.id);
});

test("requeue also works before the wait for running tasks", async () => {
  const worker = await startWorker();
  const id = await enqueue();
  await vi.waitFor(() => expect(signals.length).toBe(1));
  const stopped = worker.stop();
  worker.requeue();
  await stopped;
  expect(await parts.read(id)).toMatchObject({ state: "QUEUED", attempt: 0, crashCount: 0 });
});

test("a changed queue is read at once, however long the current fetch waits", async () => {
  const broker = new MemoryBroker({ blockMs: 60_000 });
  await startWorker({ broker });
  const id = await parts.insert({ queue: "extra" });
  await broker.send([{ taskId: id, queue: "extra", priority: "NORMAL" }]);
  const change = { kind: "queues", add: ["extra"], remove: [] } as const;
  const origin = { action: "SET_WORKER_QUEUES", actor: null } as const;
  await parts.stores.control.changeWorkers(["worker@test"], change, origin);
  await vi.waitFor(() => expect(signals.length).toBe(1), { timeout: 10_000 });
});

test("nothing starts before the runtime settings are read", async () => {
  const id = await enqueue();
  const control = { controlOf: () => Promise.reject(new UnavailableError("database")) };
  await expect(startWorker({ control })).rejects.toThrow(UnavailableError);
  expect(await parts.read(id)).toMatchObject({ state: "QUEUED" });
  expect(await parts.stores.workers.list()).toEqual([]);
});
