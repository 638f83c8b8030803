import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { expect, test, vi } from "vitest";
import { runSql } from "../../support/servers/postgres-server.ts";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const HOGS = 100;
/** What PostgreSQL keeps back for a superuser: here, for the checker. */
const RESERVED = 3;
const REFUSED_WITHIN_MS = 5_000;
const RECOVERED_WITHIN_MS = 5_000;
/**
 * Both are times of a machine that has nothing else to do; others build and test beside this one.
 */
const SLACK_MS = 5_000;
const SLOTS = 8;
const BACKLOG_MS = 6_000;
const APP = "app";

test(
  "while other clients hold all connections of PostgreSQL callers get an error in time, and work resumes soon after they release them",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-pool-exhausted");
    await using cluster = await startCluster({
      postgres: { maxConnections: HOGS + RESERVED },
      databaseUrl: ownedByApp,
      env: { LOVAGE_WORKER_LOST_AFTER: "10s" },
    });
    await cluster.server();
    await Promise.all([cluster.worker({ concurrency: SLOTS }), cluster.worker({ concurrency: SLOTS })]);
    const client = cluster.client();
    const tasks = load(1_000);
    const share = Math.round(tasks / 3);
    // More than the workers get done before: their next claims fail too, and what they run ends
    // without a connection.
    await client.enqueue(share, { args: { ms: Math.round((2 * SLOTS * BACKLOG_MS) / share) } });
    await using hogs = new Hogs(cluster);
    await hogs.takeAll();

    const asked = performance.now();
    const meanwhile = client.enqueue(share, { args: { ms: 5 } }, 20);
    await vi.waitFor(() => expect(client.refusals.length).toBeGreaterThan(0), 30_000);
    const refusedMs = Math.round(performance.now() - asked);
    // Long enough that the loops have backed off.
    await random.pause(4_000, 6_000);
    const enqueued = client.accepted.size;
    await hogs.letGo();
    const [freeAt, free] = [Date.now(), performance.now()];
    await vi.waitFor(() => expect(client.accepted.size).toBeGreaterThan(enqueued), 60_000);
    const acceptedMs = Math.round(performance.now() - free);
    await Promise.all([meanwhile, client.enqueue(tasks - 2 * share, { args: { ms: 5 } }, 20)]);
    const resumedMs = await cluster.history.resumedAfter(freeAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    expect(refusedMs).toBeLessThanOrEqual(REFUSED_WITHIN_MS + SLACK_MS);
    expect(Math.max(acceptedMs, resumedMs)).toBeLessThanOrEqual(RECOVERED_WITHIN_MS + SLACK_MS);
    report({
      test: "pg-pool-exhausted",
      fault: `${HOGS} clients idle in transactions hold all connections`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `refused after ${refusedMs} ms, accepted again after ${acceptedMs} ms`,
    });
  },
);

/** A superuser would be let in where nobody else is. */
async function ownedByApp(direct: string): Promise<string> {
  const url = new URL(direct);
  await runSql(direct, `create role ${APP} login`);
  await runSql(direct, `alter database "${url.pathname.slice(1)}" owner to ${APP}`);
  // What the checker has the database note is noted by whoever changes a row.
  await runSql(direct, `alter default privileges in schema public grant all on tables to ${APP}`);
  url.username = APP;
  return url.href;
}

/** Clients that begin a transaction and do nothing more. */
class Hogs implements AsyncDisposable {
  readonly #clients: Client[] = [];

  constructor(private readonly cluster: Pick<Cluster, "postgres" | "checker">) {}

  /** Resolves when they hold all connections, also those that Lovage had. */
  async takeAll(): Promise<void> {
    while (this.#clients.length < HOGS) {
      if (await this.#takeOne()) continue;
      // Theirs are held without end, those of Lovage come and go: ended here, so that they are free
      // to be taken.
      await this.cluster.checker.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lovage'",
      );
      await sleep(10);
    }
  }

  async letGo(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.end()));
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.letGo();

  async #takeOne(): Promise<boolean> {
    const url = new URL(this.cluster.postgres!.url);
    url.username = APP;
    const client = new Client({ connectionString: url.href, application_name: "hog" });
    client.on("error", () => undefined); // The server may be stopped first.
    try {
      await client.connect();
    } catch {
      return false;
    }
    this.#clients.push(client);
    await client.query("begin");
    return true;
  }
}
