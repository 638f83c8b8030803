import { expect, inject, test, vi } from "vitest";
import type { Child } from "../../support/child.ts";
import { startTcpProxy, type TcpProxy } from "../../support/servers/tcp-proxy.ts";
import type { Client } from "../support/client.ts";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { type Env, startCluster, type Cluster } from "../support/cluster.ts";

/** No task comes later than it would have, by more than this and a poll. */
const LATE_BY_MS = 10_000;
/** The longest pause between two looks of a loop that failed before. */
const POLL_MS = 5_000;
/** What the work itself may take where other things keep both cores busy. */
const WORK_MS = 5_000;
const WITHIN_MS = LATE_BY_MS + POLL_MS + WORK_MS;
/**
 * Not lost by a silence that its own limits end. By default that is 30 s, and a heartbeat every 5.
 */
const PATIENT: Env = { LOVAGE_WORKER_LOST_AFTER: "15s" };

interface Proxied extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly worker: Child;
  /** Between PostgreSQL and the server, and the worker. */
  readonly proxies: readonly [TcpProxy, TcpProxy];
}

/** Asks the server much at once, until it has most of the connections that it may have. */
async function warmUp(client: Client, proxy: TcpProxy): Promise<void> {
  const ask = (): Promise<unknown> => client.query("{ tasks(first: 100) { nodes { id state } } }");
  await vi.waitFor(async () => {
    await Promise.all(Array.from({ length: 40 }, ask));
    expect(proxy.connections).toBeGreaterThanOrEqual(8);
  }, 30_000);
}

/** A server and a worker, each of which reaches PostgreSQL by a proxy of its own. */
async function startProxied(): Promise<Proxied> {
  await using scope = new AsyncDisposableStack();
  const port = Number(new URL(inject("postgresUrl")).port);
  const proxies = [await startTcpProxy({ port }), await startTcpProxy({ port })] as const;
  for (const proxy of proxies) scope.use(proxy);
  let direct = "";
  const by = (proxy: TcpProxy): string => direct.replace(`:${port}/`, `:${proxy.port}/`);
  const databaseUrl = (url: string): string => by(((direct = url), proxies[0]));
  const cluster = scope.use(await startCluster({ databaseUrl, env: PATIENT }));
  await cluster.server();
  const worker = await cluster.worker({ env: { DATABASE_URL: by(proxies[1]) } });
  const held = scope.move();
  return { cluster, worker, proxies, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

test(
  "a connection to PostgreSQL that dies silently delays tasks by no more than the limit, on every path",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-half-open, one");
    await using proxied = await startProxied();
    const { cluster, proxies } = proxied;
    const client = cluster.client();
    const tasks = load(100, 30);
    let latestMs = 0;
    for (const proxy of random.shuffle(proxies)) {
      await client.enqueue(tasks / 10, { args: { ms: 50 } }, 1);
      const lostAt = performance.now();
      expect(proxy.loseSome(1, (all) => random.shuffle(all))).toBe(1);
      await client.enqueue((tasks / 10) * 4, { args: { ms: 5 } }, 1);
      await cluster.checker.allFinal(client.accepted);
      latestMs = Math.max(latestMs, performance.now() - lostAt);
    }
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    expect(latestMs).toBeLessThanOrEqual(WITHIN_MS);
    report({
      test: "pg-half-open-one",
      fault: "one connection lost without FIN, of the server, then of the worker",
      ...{ tasks, lost: 0, doubled, resumedMs: null },
      note: `all done ${Math.round(latestMs)} ms after it at the latest`,
    });
  },
);

test(
  "a PostgreSQL host that vanished with all connections delays tasks by no more than the limit when another takes its address",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-half-open, all");
    await using proxied = await startProxied();
    const { cluster, proxies } = proxied;
    const client = cluster.client();
    const tasks = load(100, 30);
    await client.enqueue(tasks / 2, { args: { ms: 20 } }, 1);
    await warmUp(client, proxies[0]);
    await random.pause(0, 200);
    const lostAt = performance.now();
    for (const proxy of proxies) proxy.setMode("halfOpen");
    await client.enqueue(tasks - client.accepted.size, { args: { ms: 5 } }, 1);
    await cluster.checker.allFinal(client.accepted);
    const latestMs = Math.round(performance.now() - lostAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    // One statement waited for an answer; none of the others that came after it met one more of the
    // dead connections.
    expect(client.refusals.length).toBeLessThanOrEqual(1);
    expect(latestMs).toBeLessThanOrEqual(WITHIN_MS);
    report({
      test: "pg-half-open-all",
      fault: "all connections lost without FIN, new ones pass",
      ...{ tasks, lost: 0, doubled, resumedMs: null },
      note: `all done ${latestMs} ms after it`,
    });
  },
);

test(
  "while PostgreSQL is silent callers get an error in time, and work resumes soon after it answers again",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-half-open, silence");
    await using proxied = await startProxied();
    const { cluster, proxies } = proxied;
    const client = cluster.client();
    const tasks = load(100, 30);
    await client.enqueue(tasks / 3, { args: { ms: random.between(0, 1_000) } });
    await random.pause(0, 500);
    const silentAt = performance.now();
    for (const proxy of proxies) proxy.setMode("blackHole");
    const meanwhile = client.enqueue(tasks / 3, { args: { ms: 5 } });
    await vi.waitFor(() => expect(client.refusals.length).toBeGreaterThan(0), 30_000);
    const refusedMs = Math.round(performance.now() - silentAt);
    const silenceMs = LONG ? 60_000 : 12_000;
    await vi.waitFor(() => expect(performance.now() - silentAt).toBeGreaterThan(silenceMs), silenceMs * 2);
    for (const proxy of proxies) proxy.setMode("pass");
    const backAt = Date.now();
    await Promise.all([meanwhile, client.enqueue(tasks - 2 * Math.round(tasks / 3), { args: { ms: 5 } })]);
    const resumedMs = await cluster.history.resumedAfter(backAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    expect(refusedMs).toBeLessThanOrEqual(LATE_BY_MS + WORK_MS);
    expect(resumedMs).toBeLessThanOrEqual(WITHIN_MS);
    report({
      test: "pg-half-open-silence",
      fault: `PostgreSQL silent for ${silenceMs / 1_000} s`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `callers heard after ${refusedMs} ms`,
    });
  },
);
