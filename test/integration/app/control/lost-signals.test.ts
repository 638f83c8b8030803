import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { freshPrefix } from "../../../support/servers/global-servers.ts";

const SECONDS = { timeout: 10_000 };
const quick = defineTask({ name: "quick.one", run: () => "done" });
const slow = defineTask({
  name: "slow.one",
  timeLimit: "1h",
  run: (_input, ctx) =>
    new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason))),
});

let deployment: Deployment;
let app: App;
/** The same database, but no message of it reaches the worker, and none the other way. */
let deaf: App;
beforeAll(async () => {
  deployment = await shared();
  app = await deployment.app([quick, slow], ["maintenance", "worker"], { workerName: "one@test" });
  deaf = await deployment.app([quick, slow], [], { prefix: freshPrefix() });
});
afterAll(() => deployment[Symbol.asyncDispose]());

async function row(): Promise<{ status: string; concurrency: number; queues: readonly string[] }> {
  const [worker] = await app.workers.list();
  return worker!;
}

test("a command that no worker receives gets no answer, and is applied later", async () => {
  expect(await deaf.workers.resize(7, { timeout: "300ms" })).toEqual({ replies: [], silent: ["one@test"] });
  await vi.waitFor(async () => expect(await row()).toMatchObject({ concurrency: 7 }), SECONDS);
  await deaf.workers.setQueues({ add: ["extra"] }, { timeout: "300ms" });
  await vi.waitFor(async () => expect((await row()).queues).toContain("extra"), SECONDS);
  await deaf.workers.pause({ timeout: "300ms" });
  await vi.waitFor(async () => expect((await row()).status).toBe("PAUSED"), SECONDS);
  await deaf.workers.reset({ timeout: "300ms" });
  await vi.waitFor(
    async () => expect(await row()).toMatchObject({ status: "ONLINE", concurrency: 32, queues: ["default"] }),
    SECONDS,
  );
});

test("limits of a definition, too", async () => {
  await deaf.workers.setTimeLimit(slow, { hard: "50ms" });
  await vi.waitFor(async () => {
    const handle = await app.enqueue(slow, {} as never, { maxAttempts: 1 });
    await expect(handle.result({ timeout: "500ms" })).rejects.toThrow("time limit of 50 ms");
  }, SECONDS);
});

test("the end of a worker, too", async () => {
  await deaf.workers.shutdown({ timeout: "300ms" });
  await vi.waitFor(async () => expect(await app.workers.list()).toEqual([]), SECONDS);
});
