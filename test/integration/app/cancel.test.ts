import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDatabase, openMessaging, openStores } from "../../../src/app/app.ts";
import { Services } from "../../../src/app/services.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import type { TaskCancelled } from "../../../src/errors.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { FINAL_STATES, TASK_STATES, type TaskState } from "../../../src/task/records/state.ts";
import { CLI } from "../../support/run-cli.ts";
import { type Child, startChild } from "../../support/child.ts";
import { DEPLOYMENTS, type Deployment, shared } from "../../support/deployments.ts";
import { tempDir } from "../../support/temp-dir.ts";

const hang = defineTask({
  name: "hang",
  run: async (_input, ctx) => {
    ctx.progress(0, 1, "hangs");
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    const { name, by, reason } = ctx.signal.reason as TaskCancelled;
    ctx.progress(1, 1, `${name} ${by} ${reason}`);
    throw ctx.signal.reason;
  },
});
const noop = defineTask({ name: "noop", run: () => null });
const WAIT = { timeout: "60s" };

async function deployed(deploy: () => Promise<Deployment>): Promise<Deployment> {
  const deployment = await deploy();
  onTestFinished(() => deployment[Symbol.asyncDispose]());
  return deployment;
}

test.each(DEPLOYMENTS)(
  "a running task receives the author and the reason of its cancel, and both are stored: $kind",
  async ({ deploy }) => {
    const deployment = await deployed(deploy);
    const app = await deployment.app([hang]);
    const handle = await app.enqueue(hang, {});
    await expect.poll(() => handle.state(), { timeout: 30_000 }).toBe("STARTED");
    expect(await handle.revoke({ reason: "wrong file" })).toBe(true);
    await expect(handle.result(WAIT)).rejects.toThrow("REVOKED");
    expect(await handle.read()).toMatchObject({
      revocation: { by: null, reason: "wrong file" },
      progress: { message: "TaskCancelled null wrong file" },
    });
  },
);

/** The same task in the worker's own process, and in a child of it. */
const TASKS = `
import { defineTask } from "lovage";
const run = async (_input, ctx) => {
  ctx.progress(0, 1, "hangs");
  await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
  const { name, by, reason } = ctx.signal.reason;
  ctx.progress(1, 1, [name, by, reason].join(" "));
  throw ctx.signal.reason;
};
export const hang = defineTask({ name: "hang", run });
export const inChild = defineTask({ name: "hang.child", pool: "processes", run });
`;

describe("on a worker of another process", () => {
  async function workerProcess(
    deployment: Deployment,
    env: Readonly<Record<string, string>>,
  ): Promise<Child> {
    const folder = await tempDir();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    await writeFile(join(folder.path, "hang.tasks.mjs"), TASKS);
    const { databaseUrl, redisUrl, prefix } = deployment.settings as Readonly<Record<string, string>>;
    const child = await startChild(process.execPath, [CLI, "worker", "--json"], {
      cwd: folder.path,
      env: {
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        LOVAGE_PREFIX: prefix,
        LOVAGE_POOL_SIZE: "1",
        ...env,
      },
    });
    onTestFinished(() => child[Symbol.asyncDispose]());
    await child.waitForLine(/"event":"ready"/, 60_000);
    return child;
  }

  const inChild = defineTask({ name: "hang.child", run: () => null });

  test.each([
    // No heartbeat comes within the test: only the signal can have told it.
    ["by a signal", { LOVAGE_HEARTBEAT: "10m", LOVAGE_WORKER_LOST_AFTER: "30m" }, {}],
    // Whoever cancels speaks on channels that nobody hears: only the heartbeat can have told it.
    ["by its heartbeat, where signals are lost", { LOVAGE_HEARTBEAT: "200ms" }, { prefix: "elsewhere" }],
  ])("its abort signal has the reason %s", async (_how, env, canceller) => {
    const deployment = await deployed(shared);
    const app = await deployment.app([hang, inChild], ["maintenance"], {
      heartbeat: "10m",
      workerLostAfter: "30m",
    });
    await workerProcess(deployment, env);
    const tasks = [await app.enqueue(hang, {}), await app.enqueue(inChild, {})];
    for (const task of tasks)
      await expect.poll(async () => (await task.read()).progress?.message, { timeout: 30_000 }).toBe("hangs");
    const other = await deployment.app([hang], [], canceller);
    for (const { id } of tasks)
      expect(await (await other.task(id)).revoke({ reason: "wrong file" })).toBe(true);
    for (const task of tasks) {
      await expect(task.result(WAIT)).rejects.toThrow("REVOKED");
      expect(await task.read()).toMatchObject({ progress: { message: "TaskCancelled  wrong file" } });
    }
  });
});

test("a filter over 25,000 tasks acts in batches, with exact counts, while workers run", async () => {
  const deployment = await deployed(shared);
  const total = 25_000;
  const app = await deployment.app([noop], ["maintenance", "worker"], { concurrency: 2 });
  const { control, count } = await controlOf(deployment);
  const items = Array.from({ length: total / 5 }, () => ({ input: {}, options: { tags: ["bulk"] } }));
  for (let part = 0; part < 5; part += 1) await app.enqueueMany(noop, items);
  const filter = { tags: ["bulk"] };
  const revoked = await control.revoke({ filter }, { terminate: true, reason: "too many" });
  expect(revoked.affectedCount + revoked.skippedCount).toBe(total);
  expect(revoked.taskIds).toHaveLength(Math.min(200, revoked.affectedCount));
  await expect.poll(() => count(FINAL_STATES), { timeout: 60_000 }).toBe(total);
  const ended = await count(["REVOKED"]);
  // A task that was asked to stop while it ran may have ended well before its worker read the row:
  // no more than run at once, for each of the 25 batches.
  expect(revoked.affectedCount - ended).toBeLessThanOrEqual(2 * 25);
  expect(await count(["SUCCESS"])).toBe(total - ended);
  const retried = await control.retry({ filter: { ...filter, states: ["REVOKED"] } }, { createdBy: null });
  expect(retried).toMatchObject({ affectedCount: ended, skippedCount: 0, issues: [] });
  // Tasks end while this deletes: those of its batches that had not ended yet are left, and
  // counted.
  const deleted = await control.delete({ filter });
  expect(deleted.affectedCount + deleted.skippedCount).toBe(total + ended);
  expect(await count(TASK_STATES)).toBe(deleted.skippedCount);
}, 180_000);

/** What a server of the deployment would call, and a look at the rows. */
async function controlOf(deployment: Deployment) {
  const { config } = resolveConfig({ flags: { ...deployment.settings }, env: {} });
  const [database, messaging] = [openDatabase(config, silentLogger), openMessaging(config, silentLogger)];
  await database.connect();
  await messaging.connect();
  onTestFinished(async () => {
    await messaging.close();
    await database.close();
  });
  const registry = new Registry([{ definition: noop, file: null }]);
  const stores = openStores(database);
  const { taskControl: control } = new Services(
    config,
    registry,
    stores,
    messaging,
    systemClock,
    silentLogger,
  );
  const count = async (states: readonly TaskState[]): Promise<number> => {
    const query =
      "select count(*)::int as count from lovage.task where 'bulk' = any(tags) and state = any($1)";
    return (await database.sql.run<{ count: number }>(query, [states]))[0]!.count;
  };
  return { control, count };
}
