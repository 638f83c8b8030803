import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { Services } from "../../../src/app/services.ts";
import { makeWorker } from "../../../src/app/worker.ts";
import { MemoryRateLimiter } from "../../../src/broker/memory/rate-limiter.ts";
import { RedisBroker } from "../../../src/broker/redis/broker.ts";
import { GROUP, queueKeys } from "../../../src/broker/redis/keys.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { type Logger, silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { type EngineParts, openEngineParts } from "../../support/engine-parts.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { newTask } from "../../support/store-rows.ts";

const GOOD = 1_000;
const BAD = 10_000;
const HUGE = "x".repeat(100_000);

const prefix = freshPrefix();
const keys = queueKeys(prefix, "default");
let parts: EngineParts;
let redis: Redis;
beforeAll(async () => {
  parts = await openEngineParts();
  redis = new Redis(inject("redisUrl"));
});
afterAll(async () => {
  redis.disconnect();
  await parts[Symbol.asyncDispose]();
});

/** How often each task ran. */
const runs = new Map<string, number>();
const definition = defineTask({
  name: "test.task",
  run: (_input, { id }) => void runs.set(id, (runs.get(id) ?? 0) + 1),
});

async function startWorker() {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const log: Logger = { ...silentLogger, info: write, warn: write, error: write, child: () => log };
  const connections = new RedisConnections({ url: inject("redisUrl"), log });
  const broker = new RedisBroker({ connections, prefix, log, blockMs: 500 });
  await broker.connect();
  const services = new Services(
    { ...resolveConfig({ env: {} }).config, concurrency: 16 },
    new Registry([{ definition, file: null }]),
    parts.stores,
    {
      broker,
      signals: parts.signals,
      stream: new MemoryEventStream(),
      limiter: new MemoryRateLimiter(),
      results: null,
    },
    systemClock,
    log,
  );
  const worker = makeWorker(services);
  await worker.start();
  return {
    lines,
    broker,
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      await broker.close();
      await connections.close();
    },
  };
}

async function insertMany(count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, () => newTask());
  await parts.stores.tasks.insert(rows, "each");
  return rows.map((row) => row.id);
}

/** What nobody of ours writes: of each kind as many as of the others. */
const forgeries = (finished: readonly string[]): ((index: number) => readonly string[])[] => [
  () => ["t", newId()],
  () => ["t", "DROP TABLE task"],
  () => ["x", "y"],
  (index) => ["t", index % 100 === 0 ? HUGE : HUGE.slice(0, 500)],
  () => ["t", newId(), "b", "-1"],
  () => ["t", newId(), "b", "1e99"],
  () => ["t", newId(), "name", "test.task", "input", '{"rm":"-rf"}'],
  (index) => ["t", finished[index % finished.length]!, "b", "3"],
  (index) => ["t", finished[index % finished.length]!],
  () => ["\u0000\u0007", "\u001b[31m"],
];

test("thousands of forged hints run nothing, good ones among them run once each, and unreadable ones are quarantined up to a limit", async () => {
  const finished = await insertMany(100);
  await parts.sql.run("update lovage.task set state = 'SUCCESS', finished_at = now() where id = any($1)", [
    finished,
  ]);
  const good = await insertMany(GOOD);
  const kinds = forgeries(finished);
  const pipeline = redis.pipeline();
  for (let index = 0; index < BAD; index += 1) {
    const stream = keys.streams[index % 4]!;
    pipeline.xadd(stream, "*", ...kinds[index % kinds.length]!(index));
    if (index % (BAD / GOOD) === 0) pipeline.xadd(stream, "*", "t", good[index / (BAD / GOOD)]!);
  }
  await pipeline.exec();

  await using worker = await startWorker();
  await vi.waitFor(async () => expect(await worker.broker.depth("default")).toBe(0), {
    timeout: 60_000,
    interval: 200,
  });
  // The loop goes on.
  const [last] = await insertMany(1);
  await worker.broker.send([{ taskId: last!, queue: "default", priority: "LOW" }]);
  await vi.waitFor(() => expect(runs.has(last!)).toBe(true), 5_000);

  expect([...runs.keys()].sort()).toEqual([...good, last!].sort());
  expect([...runs.values()].every((count) => count === 1)).toBe(true);
  await vi.waitFor(async () => {
    const pending = await Promise.all(keys.streams.map((stream) => redis.xpending(stream, GROUP)));
    expect(pending.map(([count]) => count)).toEqual([0, 0, 0, 0, 0]);
  });
  const kept = await redis.lrange(keys.quarantine, 0, -1);
  expect(kept).toHaveLength(1_000);
  expect(Math.max(...kept.map((text) => text.length))).toBeLessThan(4_000);
  expect(worker.lines.filter((line) => line.includes("quarantine"))).toHaveLength(1);
  const ends = /^(?:Task ended|More tasks ended in the same second)$/;
  expect(worker.lines.filter((line) => !ends.test(line)).length).toBeLessThan(20);
}, 90_000);
