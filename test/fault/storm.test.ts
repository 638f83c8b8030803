import { expect, test } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { startCluster } from "./support/cluster.ts";

const SLOTS = 16;
/** So that the load lasts about as long as the faults. */
const TASK_MS = LONG ? 100 : 250;
const WORKERS = 4;

test(
  "all at once: workers and Redis killed, Redis flushed, PostgreSQL crashed, in any order, under load",
  { timeout: 900_000 },
  async () => {
    const random = new Random("storm");
    await using cluster = await startCluster({ redis: {}, postgres: true });
    await cluster.server();
    await using fleet = await new Fleet(cluster, WORKERS, { concurrency: SLOTS }).start();
    const client = cluster.client({ giveUpAfterMs: 300_000 });
    const tasks = load(20_000);
    /**
     * Attempts that were under way at some fault which may have cost them: the most that may run
     * twice.
     */
    let hurt = 0;
    const faults = {
      killWorker: async () => {
        const victim = random.pick(fleet.alive);
        await fleet.kill(victim);
        hurt += SLOTS;
      },
      killRedis: async () => {
        await cluster.redis!.kill();
        await random.pause(50, 500);
        await cluster.redis!.start();
      },
      flush: async () => void (await cluster.admin.flushall()),
      crashPostgres: async () => {
        await cluster.postgres!.stop("immediate");
        // Claims of the last moments may be lost with it: their commits are asynchronous. Never
        // more than run.
        hurt += WORKERS * SLOTS;
        await random.pause(50, 1_000);
        await cluster.postgres!.start();
      },
    };
    const plan = random.shuffle([
      ...Array.from({ length: load(10, 3) }, () => "killWorker" as const),
      ...Array.from({ length: load(5, 2) }, () => "killRedis" as const),
      ...Array.from({ length: load(5, 2) }, () => "flush" as const),
      ...Array.from({ length: load(3, 2) }, () => "crashPostgres" as const),
    ]);
    const enqueued = client.enqueue(tasks, { args: { ms: TASK_MS } }, 200);
    enqueued.catch(() => undefined); // Awaited below, after the faults.
    for (const fault of plan) {
      await random.pause(200, 800);
      await faults[fault]();
    }
    const over = Date.now();
    await enqueued;
    await cluster.checker.allFinal(client.accepted, 300_000);
    const resumedMs = await cluster.history.resumedAfter(over, 1_000).catch(() => null);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(hurt);
    await cluster.checker.isAtRest();
    expect(client.accepted.size).toBe(tasks);
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: tasks });
    expect(fleet.crashes).toEqual([]);
    expect([...new Set(client.refusals.map(({ code }) => code))]).toEqual(
      client.refusals.length === 0 ? [] : ["SERVICE_UNAVAILABLE"],
    );
    report({
      test: "storm",
      fault: `${plan.length} faults: SIGKILLs of workers and Redis, FLUSHALL, crashes of PostgreSQL`,
      tasks,
      lost: 0,
      doubled,
      resumedMs,
    });
  },
);
