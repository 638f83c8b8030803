import { expect, test } from "vitest";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { hurtUnderLoad } from "../support/rounds.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const LINES_PER_MINUTE = 20;

test(
  "a PostgreSQL that crashes again and again under load keeps every task that it confirmed, and callers get only retryable errors",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-immediate-restart");
    await using cluster = await startCluster({ postgres: true });
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const [tasks, count] = [load(5_000), load(5, 3)];
    const crashes: Crash[] = [];
    const { resumedMs } = await hurtUnderLoad(cluster, client, {
      ...{ random, rounds: count, tasks, ms: 20 },
      hurt: async () => {
        const from = Date.now();
        await cluster.postgres!.stop("immediate");
        await random.pause(0, 1_500);
        await cluster.postgres!.start();
        crashes.push({ from, to: Date.now() });
      },
    });
    await cluster.checker.allFinal(client.accepted);
    const held = await heldAtCrashes(cluster, crashes);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: held });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-immediate-restart",
      fault: `${count} crashes of PostgreSQL`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `${held} attempts were under way then; at most ${lines} log lines a minute`,
    });
  },
);

test(
  "an enqueue that is confirmed right before a crash of PostgreSQL is kept",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-immediate-restart, at once");
    await using cluster = await startCluster({ postgres: true });
    await cluster.server();
    // No worker yet: what it writes would bring the yes of before to the disk, too.
    const clients = [cluster.client(), cluster.client({ keys: false })];
    const crashes = load(20, 6);
    for (let crash = 1; crash <= crashes; crash += 1) {
      await clients[crash % 2]!.enqueue(random.between(1, 20));
      await cluster.postgres!.stop("immediate");
      await cluster.postgres!.start();
    }
    const backAt = Date.now();
    await cluster.worker();
    const accepted = new Set(clients.flatMap((client) => [...client.accepted]));
    // Without a key, what was refused may have been committed all the same, and is enqueued once
    // more: not here, between the crashes.
    const doubled = await allIsWell(cluster, { accepted }, { tasks: accepted.size, doubled: 0 });
    await nobodyFell(cluster);
    for (const client of clients) onlyToTryAgain(client);
    report({
      test: "pg-immediate-restart-at-once",
      fault: `${crashes} crashes of PostgreSQL, each right after a yes`,
      ...{ tasks: accepted.size, lost: 0, doubled, resumedMs: await cluster.history.resumedAfter(backAt) },
    });
  },
);

interface Crash {
  readonly from: number;
  readonly to: number;
}

/**
 * How many tasks had begun, and had no recorded outcome, when PostgreSQL crashed: a claim's commit
 * is asynchronous, so that these may run once more, and no others.
 */
async function heldAtCrashes(cluster: Cluster, crashes: readonly Crash[]): Promise<number> {
  const rows = await cluster.checker.query<{ id: string; at: number }>(
    "select id, (extract(epoch from finished_at) * 1000)::float8 as at from lovage.task",
  );
  const finishedAt = new Map(rows.map(({ id, at }) => [id, at]));
  const first = new Map<string, number>();
  for (const { id, at } of await cluster.history.begins()) if (!first.has(id)) first.set(id, at);
  const isHeld = (id: string, begun: number, { from, to }: Crash): boolean =>
    begun <= to && finishedAt.get(id)! >= from;
  const held = (crash: Crash): number => [...first].filter(([id, begun]) => isHeld(id, begun, crash)).length;
  return crashes.reduce((sum, crash) => sum + held(crash), 0);
}
