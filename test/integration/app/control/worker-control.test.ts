import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

/** Tasks that run until they are let go, one by one or all. */
function gatedTask() {
  const waiting: (() => void)[] = [];
  let open = false;
  let running = 0;
  let most = 0;
  const task = defineTask({
    name: "gate.wait",
    run: async (_input, ctx) => {
      running += 1;
      most = Math.max(most, running);
      try {
        if (!open)
          await new Promise<void>((resolve, reject) => {
            waiting.push(resolve);
            ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
          });
      } finally {
        running -= 1;
      }
      return ctx.workerName;
    },
  });
  return {
    task,
    running: () => running,
    /** The most that ran at once since the last call. */
    takeMost: () => {
      const seen = most;
      most = running;
      return seen;
    },
    letGo: (count = waiting.length) => waiting.splice(0, count).forEach((go) => go()),
    open: () => {
      open = true;
      waiting.splice(0).forEach((go) => go());
    },
    close: () => {
      open = false;
      most = 0;
    },
  };
}

const SECONDS = { timeout: 10_000 };

describe.each(DEPLOYMENTS)("commands to workers, $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  const settings = { workerName: "one@test", concurrency: 10, graceTime: "60s" };

  const gate = gatedTask();
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([gate.task], ["maintenance", "worker"], settings);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());
  afterEach(async () => {
    gate.open();
    await runs(0);
    gate.close();
    await app.workers.reset();
  });

  const enqueue = (count: number, queue = "default") =>
    app.enqueueMany(
      gate.task,
      Array.from({ length: count }, () => ({ input: {} as never, options: { queue } })),
    );
  const runs = (count: number) => vi.waitFor(() => expect(gate.running()).toBe(count), SECONDS);

  test("a ping is answered by all that are there", async () => {
    expect(await app.workers.ping()).toEqual({
      replies: [{ worker: "one@test", ok: true, value: "pong", error: null }],
      silent: [],
    });
    await expect(app.workers.ping({ workers: ["one@tset", "zzz"] })).rejects.toMatchObject({
      issues: [
        { code: "NOT_FOUND", path: ["workers", "0"], hint: 'Did you mean "one@test"?' },
        { code: "NOT_FOUND", path: ["workers", "1"], hint: "Live: one@test." },
      ],
    });
  });

  test("a resize to 1 while 10 run lets them end; a resize up starts more at once", async () => {
    const handles = await enqueue(20);
    await runs(10);
    const { replies } = await app.workers.resize(1);
    expect(replies).toMatchObject([{ ok: true, value: { concurrency: 1, busy: 10, status: "ONLINE" } }]);
    gate.letGo(9);
    await runs(1);
    gate.takeMost();
    gate.letGo(1);
    await vi.waitFor(async () => expect(await handles[10]!.state()).toBe("STARTED"), SECONDS);
    expect(gate.takeMost()).toBe(1);
    await app.workers.resize(4);
    await runs(4);
    gate.open();
    for (const handle of handles) await handle.result({ timeout: "10s" });
  });

  test("with two bounds it grows as work waits", async () => {
    expect((await app.workers.autoscale({ min: 1, max: 6 })).replies).toMatchObject([
      { value: { autoscale: { min: 1, max: 6 }, concurrency: 6 } },
    ]);
    await app.workers.autoscale({ min: 1, max: 2 });
    await app.workers.resize(1);
    const handles = await enqueue(12);
    await runs(1);
    await app.workers.autoscale({ min: 1, max: 6 });
    await runs(6);
    await vi.waitFor(
      async () =>
        expect((await app.workers.list())[0]).toMatchObject({
          concurrency: 6,
          autoscale: { min: 1, max: 6 },
        }),
      SECONDS,
    );
    gate.open();
    for (const handle of handles) await handle.result({ timeout: "10s" });
  });

  test("a paused worker fetches no more, running tasks continue; resumed it fetches the waiting ones", async () => {
    const [first] = await enqueue(1);
    await runs(1);
    const { replies } = await app.workers.pause();
    expect(replies).toMatchObject([{ ok: true, value: { status: "PAUSED" } }]);
    const [second] = await enqueue(1);
    gate.letGo();
    expect(await first!.result({ timeout: "10s" })).toBe("one@test");
    expect(await second!.state()).toBe("QUEUED");
    expect(gate.running()).toBe(0);
    await app.workers.resume();
    await runs(1);
    gate.open();
    expect(await second!.result({ timeout: "10s" })).toBe("one@test");
  });

  test("queues are added and removed while it runs", async () => {
    const [waits] = await enqueue(1, "extra");
    const { replies } = await app.workers.setQueues({ add: ["extra"] });
    expect(replies).toMatchObject([{ value: { queues: ["default", "extra"] } }]);
    await runs(1);
    gate.letGo();
    await waits!.result({ timeout: "10s" });
    await app.workers.setQueues({ add: ["other"], remove: ["extra", "default"] });
    const [left] = await enqueue(1);
    const [taken] = await enqueue(1, "other");
    await runs(1);
    gate.letGo();
    await taken!.result({ timeout: "10s" });
    expect(await left!.state()).toBe("QUEUED");
    expect((await app.workers.reset()).replies).toMatchObject([
      { value: { queues: ["default"], concurrency: 10 } },
    ]);
    await runs(1);
    gate.open();
    await left!.result({ timeout: "10s" });
  });

  test("commands are logged and stored: author, time, command, before and after", async () => {
    await app.workers.resize(3);
    await app.workers.resize(5);
    const log = await app.workers.log(2);
    expect(log).toMatchObject([
      {
        action: "RESIZE_WORKER_POOL",
        actor: null,
        changes: [{ target: "one@test", before: { concurrency: 3 }, after: { concurrency: 5 } }],
      },
      { changes: [{ before: {}, after: { concurrency: 3 } }] },
    ]);
  });

  test("settings of a name outlive its worker, and are reset by a reset", async () => {
    await app.workers.resize(3);
    await app.workers.pause();
    await app.stop();
    app = await deployment.app([gate.task], ["maintenance", "worker"], settings);
    const handles = await enqueue(2);
    expect((await app.workers.resume()).replies).toMatchObject([
      { value: { status: "ONLINE", concurrency: 3 } },
    ]);
    await runs(2);
    expect((await app.workers.reset({}, ["CONCURRENCY"])).replies).toMatchObject([
      { value: { concurrency: 10 } },
    ]);
    gate.open();
    for (const handle of handles) await handle.result({ timeout: "10s" });
  });

  test("a shutdown without drain requeues running tasks; the app continues", async () => {
    const [handle] = await enqueue(1);
    await runs(1);
    const { replies } = await app.workers.shutdown({ drain: false });
    expect(replies).toMatchObject([{ ok: true, value: { status: "DRAINING" } }]);
    await vi.waitFor(async () => expect(await handle!.state()).toBe("QUEUED"), SECONDS);
    await vi.waitFor(
      () => expect(app.workers.ping()).rejects.toMatchObject({ code: "NO_WORKER_REPLIED" }),
      SECONDS,
    );
    expect((await app.task(handle!.id)).id).toBe(handle!.id);
    await app.stop();
    app = await deployment.app([gate.task], ["maintenance", "worker"], settings);
    await runs(1);
  });
});
