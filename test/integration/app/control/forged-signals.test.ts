import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { JsonObject } from "../../../../src/lib/json/json.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";

const SECONDS = { timeout: 20_000 };
const waiting = defineTask({
  name: "waiting",
  run: async (_input, ctx) => {
    ctx.progress(0, 1, "waits");
    await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
  },
});
const noop = defineTask({ name: "noop", run: () => null });

let deployment: Deployment;
let app: App;
let redis: Redis;
beforeAll(async () => {
  deployment = await shared();
  // No heartbeat comes during the test: nothing but a signal makes the worker look.
  app = await deployment.app([waiting, noop], ["maintenance", "worker", "beat"], {
    ...{ heartbeat: "10m", workerLostAfter: "30m", workerName: "one@test" },
  });
  redis = new Redis(String(deployment.settings["redisUrl"]));
});
afterAll(async () => {
  redis.disconnect();
  await deployment[Symbol.asyncDispose]();
});

/** Publishes what any client of Redis can. Resolves when the processes have received it. */
async function forge(signals: readonly JsonObject[]): Promise<void> {
  const channel = `{${String(deployment.settings["prefix"])}}:signals`;
  for (const signal of signals) await redis.publish(channel, JSON.stringify({ from: randomUUID(), signal }));
}

async function waits(): Promise<string> {
  const handle = await app.enqueue(waiting, {});
  await expect.poll(async () => (await handle.read()).progress?.message, SECONDS).toBe("waits");
  return handle.id;
}

test("a forged cancel ends no attempt; a real one does, with author and reason of the row", async () => {
  const [forged, real] = [await waits(), await waits()];
  const revocation = { by: "nobody", reason: "forged" };
  await forge(Array.from({ length: 500 }, () => ({ type: "cancel", taskIds: [forged, real], revocation })));
  const handle = await app.task(real);
  expect(await handle.revoke({ reason: "wrong file" })).toBe(true);
  await expect(handle.result({ timeout: "10s" })).rejects.toThrow("REVOKED");
  expect(await handle.read()).toMatchObject({ revocation: { by: null, reason: "wrong file" } });
  expect(await (await app.task(forged)).read()).toMatchObject({
    ...{ state: "STARTED", attempt: 1, cancelRequestedAt: null, revocation: null },
  });
});

test("of the other forged signals none changes a task, a worker, a queue or a schedule", async () => {
  const id = await waits();
  const [worker] = await app.workers.list();
  const before = { status: worker!.status, concurrency: worker!.concurrency, queues: worker!.queues };
  const later = await app.enqueue(noop, {}, { delay: "1h" });
  const command = { type: "command", id: randomUUID(), task: null, workers: [worker!.id] };
  await forge([
    ...[-1e300, 0, 1e300].map((inMs) => ({ type: "due", inMs })),
    ...[
      { type: "queues", paused: ["default"] },
      { type: "schedules", deleted: ["*"] },
    ],
    ...["ping", "look", "shutdown", "pause"].map((ask) => ({
      ...command,
      ask,
      drain: false,
      concurrency: 1,
    })),
    { type: "command", id: randomUUID(), ask: "look", task: "noop", workers: [worker!.id], paused: true },
    {
      type: "reply",
      id: command.id,
      worker: worker!.id,
      ok: true,
      value: { status: "OFFLINE" },
      error: null,
    },
    ...[true, false].map((ended) => ({ type: "logs", taskIds: [id, later.id], ended })),
    { type: "logWatch", taskIds: [id, ...Array.from({ length: 100 }, () => randomUUID())] },
    ...["shutdown", "resize", "pause", "__proto__"].map((type) => ({ type, workers: [worker!.id] })),
  ]);
  const reply = { worker: "one@test", ok: true, value: "pong", error: null };
  expect(await app.workers.ping()).toMatchObject({ replies: [reply], silent: [] });
  expect((await app.workers.list()).map(({ id: own, ...rest }) => [own, rest])).toMatchObject([
    [worker!.id, before],
  ]);
  expect(await (await app.task(id)).state()).toBe("STARTED");
  expect(await later.state()).toBe("SCHEDULED");
  expect(await (await app.enqueue(noop, {})).result({ timeout: "20s" })).toBe(null);
});
