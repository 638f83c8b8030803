import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { type PostgresServer, runSql, startStandby } from "../../support/servers/postgres-server.ts";
import { startTcpProxy, type TcpProxy } from "../../support/servers/tcp-proxy.ts";
import type { Client } from "../support/client.ts";
import { report } from "../support/load.ts";
import { onlyToTryAgain } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/** How long nobody takes writes. */
const GAP_MS = 4_000;
const BACK_WITHIN_MS = 5_000;
const LINES_PER_MINUTE = 20;

test(
  "after a switchover, with the sockets to the old primary kept, enqueues work again within seconds and nothing is lost",
  { timeout: 240_000 },
  async () => {
    await using scope = new AsyncDisposableStack();
    const proxies: TcpProxy[] = [];
    let database = "";
    await using cluster = await startCluster({
      postgres: true,
      databaseUrl: async (direct) => {
        const proxy = scope.use(await startTcpProxy({ port: Number(new URL(direct).port) }));
        proxies.push(proxy);
        const url = new URL(direct);
        database = url.pathname.slice(1);
        url.port = String(proxy.port);
        return url.href;
      },
      env: { LOVAGE_WORKER_LOST_AFTER: "60s" },
    });
    await cluster.server();
    await cluster.worker({ concurrency: 20 });
    const old = cluster.postgres!;
    const standby = scope.use(await startStandby(old));
    const client = cluster.client();
    await client.enqueue(200, { args: { ms: 20 } });
    // These run while nobody takes writes, and end in that time.
    await client.enqueue(20, { args: { ms: 1_000 } });
    await vi.waitFor(async () => expect(await count(cluster, "STARTED")).toBe(20), {
      interval: 20,
      timeout: 20_000,
    });
    expect((await readiness(client)).status).toBe(200);

    await becomeReadOnly(old);
    const late = client.enqueue(50);
    await vi.waitFor(() => expect(client.refusals.length).toBeGreaterThan(0), { timeout: 10_000 });
    const unready = await readiness(client);
    expect([unready.status, unready.body.parts.database]).toEqual([
      503,
      { ok: false, reason: expect.stringMatching(/read-only/) },
    ]);
    await sleep(GAP_MS);
    // What was committed by then is all that anyone was told of.
    await caughtUp(old, standby);
    await runSql(standby.url, "select pg_promote(true)");
    proxies[0]!.leadTo({ port: standby.port });
    const switchedAt = performance.now();
    await late;
    const backMs = Math.round(performance.now() - switchedAt);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
    await vi.waitFor(async () => expect((await readiness(client)).status).toBe(200), {
      timeout: BACK_WITHIN_MS,
    });
    const after = standby.urlOf(database);
    await vi.waitFor(
      async () =>
        expect(
          await runSql(after, "select state, count(*)::int as count from lovage.task group by 1"),
        ).toEqual([{ state: "SUCCESS", count: 270 }]),
      { timeout: 60_000, interval: 200 },
    );
    onlyToTryAgain(client);
    const ids = (await runSql<{ id: string }>(after, "select id from lovage.task")).map(({ id }) => id);
    expect(new Set(ids)).toEqual(client.accepted);
    expect(await cluster.history.doubled()).toBe(0);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-switchover",
      fault: `the primary became read-only and kept its sockets; ${GAP_MS} ms later its standby took over at the same address`,
      ...{ tasks: 270, lost: 0, doubled: 0, resumedMs: backMs },
      note: `${client.refusals.length} requests were told to try again; at most ${lines} log lines a minute`,
    });
  },
);

interface Readiness {
  readonly status: number;
  readonly body: {
    readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
  };
}

async function readiness(client: Client): Promise<Readiness> {
  const response = await fetch(`${client.url()}/readyz`);
  return { status: response.status, body: (await response.json()) as Readiness["body"] };
}

async function count({ checker }: Cluster, state: string): Promise<number> {
  return (await checker.query("select 1 from lovage.task where state = $1", [state])).length;
}

/**
 * As a manager of clusters demotes a primary without ending it: sessions stay, and take no more
 * writes.
 */
async function becomeReadOnly(server: PostgresServer): Promise<void> {
  await runSql(server.url, "alter system set default_transaction_read_only = on");
  await runSql(server.url, "select pg_reload_conf()");
  await vi.waitFor(async () =>
    expect(await runSql(server.url, "show default_transaction_read_only")).toEqual([
      { default_transaction_read_only: "on" },
    ]),
  );
}

async function caughtUp(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  const [{ at }] = (await runSql(primary.url, "select pg_current_wal_lsn()::text as at")) as [{ at: string }];
  await vi.waitFor(
    async () =>
      expect(await runSql(standby.url, `select pg_last_wal_replay_lsn() >= '${at}' as there`)).toEqual([
        { there: true },
      ]),
    { timeout: 20_000 },
  );
}
