import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { startRedis } from "../../support/servers/redis-server.ts";
import { startTcpProxy, type TcpProxy } from "../../support/servers/tcp-proxy.ts";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { footprint, startCluster, type Cluster } from "../support/cluster.ts";

const DETECTED_WITHIN_MS = 15_000;
/**
 * By each worker. 5 s on a machine of its own; the rest is for one whose two cores also run this
 * test, the servers and other tests.
 */
const RESUMED_WITHIN_MS = 8_000;
const LINES_PER_MINUTE = 20;
/** Of a second each: more than one worker alone could do in the time that each has to come back. */
const LAST = 64;

/** A cluster that reaches its Redis by a proxy. */
async function startProxied(): Promise<{ cluster: Cluster; proxy: TcpProxy } & AsyncDisposable> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis());
  const proxy = scope.use(await startTcpProxy({ port: redis.port }));
  const redisUrl = (): string => `redis://127.0.0.1:${proxy.port}`;
  const cluster = scope.use(await startCluster({ redisUrl, redisNodes: [redis.url] }));
  const held = scope.move();
  return { cluster, proxy, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Milliseconds until every process has said that Redis is away. */
async function detection(cluster: Cluster): Promise<number> {
  const since = performance.now();
  const living = cluster.children.filter((child) => child.running);
  await Promise.all(living.map((child) => child.waitForLine(/Redis connection lost/, DETECTED_WITHIN_MS)));
  return Math.round(performance.now() - since);
}

test(
  "a Redis that falls silent without closing a connection is noticed in time, and work resumes soon after it answers again",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-half-open");
    await using proxied = await startProxied();
    const { cluster, proxy } = proxied;
    await cluster.server();
    const workers = await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(2_000);
    await client.enqueue(tasks / 2, { args: { ms: 100 } });
    await random.pause(0, 300);
    proxy.setMode("blackHole");
    const silentUntil = performance.now() + (LONG ? 60_000 : random.between(9_000, 12_000));
    const [detectedMs] = await Promise.all([
      detection(cluster),
      client.enqueue(tasks / 2 - LAST, { args: { ms: 10 } }, tasks / 8),
    ]);
    await sleep(silentUntil - performance.now());
    proxy.setMode("pass");
    const healedAt = Date.now();
    await client.enqueue(LAST, { args: { ms: 1_000 } });
    const resumed = workers.map((worker) => cluster.history.resumedAfter(healedAt, 30_000, worker.pid));
    const resumedMs = Math.max(...(await Promise.all(resumed)));
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(resumedMs).toBeLessThanOrEqual(RESUMED_WITHIN_MS);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    const note = `noticed after ${detectedMs} ms; at most ${lines} log lines a minute`;
    report({
      test: "redis-half-open",
      fault: "Redis silent, no FIN",
      tasks,
      lost: 0,
      doubled,
      resumedMs,
      note,
    });
  },
);

test(
  "connections to a Redis that vanished are replaced in time, by idle workers too",
  { timeout: 120_000 },
  async () => {
    const random = new Random("redis-half-open, new connections pass");
    await using proxied = await startProxied();
    const { cluster, proxy } = proxied;
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(2_000);
    await client.enqueue(tasks / 2);
    await cluster.history.waitForEnds(tasks / 2);
    await random.pause(0, 1_000);
    proxy.setMode("halfOpen");
    const lostAt = Date.now();
    await client.enqueue(tasks / 2);
    const resumedMs = await cluster.history.resumedAfter(lostAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(resumedMs).toBeLessThanOrEqual(DETECTED_WITHIN_MS);
    const fault = "all connections lost, no FIN";
    report({ test: "redis-half-open", fault, tasks, lost: 0, doubled, resumedMs });
  },
);

test(
  "connections that are reset again and again cost no task, double none, and leave no descriptor behind",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-flap");
    await using proxied = await startProxied();
    const { cluster, proxy } = proxied;
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(3_000);
    await client.enqueue(tasks / 3, { args: { ms: 5 } });
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.isAtRest();
    const [base, connections] = [await descriptors(cluster), proxy.connections];

    const flapping = setInterval(() => proxy.resetAll(), 300);
    const calmAt = performance.now() + (LONG ? 60_000 : 6_000);
    try {
      const batches = 20;
      for (let batch = 1; batch <= batches; batch += 1) {
        const now = Math.round((tasks / 3) * (batch / batches)) - (client.accepted.size - tasks / 3);
        await client.enqueue(now, { args: { ms: 5 } });
        await sleep(Math.max(0, (calmAt - performance.now()) / (batches - batch + 1)));
      }
    } finally {
      clearInterval(flapping);
    }
    const calm = Date.now();
    await random.pause(0, 200);
    await client.enqueue(tasks / 3, { args: { ms: 5 } });
    const resumedMs = await cluster.history.resumedAfter(calm);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    await vi.waitFor(
      async () => {
        expect(proxy.connections).toBe(connections);
        for (const [index, count] of (await descriptors(cluster)).entries()) {
          expect(Math.abs(count - base[index]!), `descriptors, ${base[index]} before`).toBeLessThanOrEqual(5);
        }
      },
      { timeout: 15_000, interval: 250 },
    );
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    const note = `descriptors back to base; at most ${lines} log lines a minute`;
    report({ test: "redis-flap", fault: "RST every 300 ms", tasks, lost: 0, doubled, resumedMs, note });
  },
);

async function descriptors(cluster: Cluster): Promise<number[]> {
  const living = cluster.children.filter((child) => child.running);
  return Promise.all(living.map(async (child) => (await footprint(child.pid)).descriptors));
}
