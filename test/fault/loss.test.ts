import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, inject, test, vi } from "vitest";
import { App } from "../../src/app.ts";
import { resolveConfig } from "../../src/config.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { startChild, type Child } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { freshDatabase, freshPrefix } from "../support/global-servers.ts";
import { startRedis } from "../support/redis-server.ts";
import { tempDir } from "../support/temp-dir.ts";
import { note } from "./ledger.tasks.ts";
import { Ledger } from "./ledger.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const TASKS = fileURLToPath(new URL("./ledger.tasks.ts", import.meta.url));
const CONCURRENCY = 8;
const QUICK = {
  LOVAGE_HEARTBEAT: "200ms",
  LOVAGE_WORKER_LOST_AFTER: "1s",
  LOVAGE_SWEEP_EVERY: "200ms",
  LOVAGE_TAKE_OVER_AFTER: "1s",
  LOVAGE_LOG_LEVEL: "warn",
};

/** An app with the loops, in this process; workers are processes of their own. */
async function setup(redisUrl: string) {
  const database = await freshDatabase();
  const folder = await tempDir("lovage-fault-");
  const prefix = freshPrefix();
  const env = { ...QUICK, DATABASE_URL: database.url, REDIS_URL: redisUrl, LOVAGE_PREFIX: prefix };
  const { config } = resolveConfig({ env: { ...env, LOVAGE_MIGRATE: "true" } });
  const app = new App({
    config,
    tasks: [{ definition: note, file: TASKS }],
    roles: ["upkeep"],
    log: silentLogger,
  });
  await app.start();
  const workers: Child[] = [];
  return {
    app,
    ledger: new Ledger(`${folder.path}/ledger`),
    worker: async (): Promise<Child> => {
      const child = await startChild(
        process.execPath,
        [CLI, "worker", "--tasks", TASKS, "-c", String(CONCURRENCY)],
        { env },
      );
      workers.push(child);
      return child;
    },
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker[Symbol.asyncDispose]();
      await app.stop();
      await database.drop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Setup = Awaited<ReturnType<typeof setup>>;

async function enqueue(
  { app, ledger }: Setup,
  count: number,
  ms: number,
): Promise<{ readonly id: string; readonly ended: () => Promise<number> }[]> {
  const handles = await app.enqueueMany(
    note,
    Array.from({ length: count }, () => ({ input: { ledger: ledger.path, ms } })),
  );
  return handles.map((handle) => ({ id: handle.id, ended: () => handle.result({ timeout: "60s" }) }));
}

test(
  "kill -9 of a worker: what it held runs again, once, and nothing is lost",
  { timeout: 120_000 },
  async () => {
    await using fault = await setup(inject("redisUrl"));
    const [victim] = await Promise.all([fault.worker(), fault.worker()]);
    const handles = await enqueue(fault, 400, 40);
    await vi.waitFor(
      async () =>
        expect((await fault.ledger.ends()).filter((end) => end.pid === victim.pid).length).toBeGreaterThan(
          20,
        ),
      {
        timeout: 60_000,
        interval: 10,
      },
    );
    victim.kill("SIGKILL");
    await victim.exited;
    const held =
      (await fault.ledger.begins()).filter((begin) => begin.pid === victim.pid).length -
      (await fault.ledger.ends()).filter((end) => end.pid === victim.pid).length;
    await Promise.all(handles.map((handle) => handle.ended()));
    const ends = await fault.ledger.ends();
    expect(new Set(ends.map((end) => end.id))).toEqual(new Set(handles.map((handle) => handle.id)));
    const repeated = (await fault.ledger.begins()).length - handles.length;
    expect(held).toBeGreaterThan(0);
    expect(repeated).toBeGreaterThanOrEqual(held);
    expect(repeated).toBeLessThanOrEqual(2 * CONCURRENCY);
  },
);

test("FLUSHALL with a backlog, idle and under way: every task runs", { timeout: 120_000 }, async () => {
  await using redis = await startRedis();
  await using fault = await setup(redis.url);
  const admin = new Redis(redis.url);
  const handles = await enqueue(fault, 1_000, 1);
  await admin.flushall();
  await fault.worker();
  await fault.ledger.waitForEnds(200);
  await admin.flushall();
  await Promise.all(handles.map((handle) => handle.ended()));
  admin.disconnect();
  const ends = (await fault.ledger.ends()).map((end) => end.id);
  expect(ends.sort()).toEqual(handles.map((handle) => handle.id).sort());
});

test(
  "SIGKILL of the embedded process: it opens again and finishes what was accepted",
  { timeout: 120_000 },
  async () => {
    await using folder = await tempDir("lovage-embedded-kill-");
    const ledger = new Ledger(`${folder.path}/ledger`);
    const port = await freePort();
    const env = {
      ...QUICK,
      LOVAGE_EMBEDDED_DIR: `${folder.path}/data`,
      PORT: String(port),
      DATABASE_URL: undefined,
      REDIS_URL: undefined,
    };
    const up = (): Promise<Child> => startChild(process.execPath, [CLI, "up", "--tasks", TASKS], { env });
    const first = await up();
    await first.waitForLine(/GraphiQL/);
    const second = await startChild(process.execPath, [CLI, "up", "--tasks", TASKS, "--port", "0"], { env });
    expect((await second.exited).code).toBe(75);
    expect(second.output).toContain(`is in use by process ${first.pid}`);
    const ids = await enqueueByHttp(port, ledger.path, 300);
    await ledger.waitForEnds(50);
    first.kill("SIGKILL");
    await first.exited;
    expect((await ledger.ends()).length).toBeLessThan(ids.length);
    await using again = await up();
    await again.waitForLine(/GraphiQL/);
    await vi.waitFor(async () => expect(await countSuccess(port)).toBe(ids.length), {
      timeout: 60_000,
      interval: 100,
    });
    expect(new Set((await ledger.ends()).map((end) => end.id))).toEqual(new Set(ids));
  },
);

async function query<Data>(port: number, document: string, variables: object): Promise<Data> {
  const reply = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await reply.json()) as { data: Data; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

async function enqueueByHttp(port: number, ledger: string, count: number): Promise<string[]> {
  const inputs = Array.from({ length: count }, () => ({ name: "fault.note", args: { ledger, ms: 100 } }));
  const document =
    "mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(inputs: $inputs) { ids errors { message } } }";
  return (await query<{ enqueueTasks: { ids: string[] } }>(port, document, { inputs })).enqueueTasks.ids;
}

async function countSuccess(port: number): Promise<number> {
  const { tasks } = await query<{ tasks: { totalCount: number } }>(
    port,
    "{ tasks(filter: { states: [SUCCESS] }) { totalCount } }",
    {},
  );
  return tasks.totalCount;
}
