import { expect, test, vi } from "vitest";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const PADDING = "x".repeat(2_048);
const LINES_PER_MINUTE = 20;

test(
  "a Redis without memory: every enqueue succeeds, its hints are drained, no worker counts as lost, and with memory all tasks run",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-oom");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(20_000);
    const some = { args: { ms: 2, padding: PADDING } };
    await client.enqueue(tasks / 4, some, 200);
    await random.pause(0, 200);

    // Events and hints fill what is left; after that, Redis refuses everything that adds.
    await cluster.admin.config("SET", "maxmemory", (await usedMemory(cluster)) + 32_768);
    await client.enqueue(tasks / 2, some, 200);
    await vi.waitFor(async () => expect(await refusedByRedis(cluster)).toBeGreaterThan(0), 20_000);
    await cluster.admin.config("SET", "maxmemory", 1);
    const full = Date.now();
    await client.enqueue(tasks / 8, some, 200);
    // Also a worker that starts now comes up, and takes part in draining what there is.
    await cluster.worker();
    await vi.waitFor(async () => expect((await cluster.checker.leftovers()).hints).toBe(0), 60_000);
    // Longer than a worker may be silent, whose heartbeat is a row.
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(full + 4_000), 10_000);
    await nobodyFell(cluster);

    await cluster.admin.config("SET", "maxmemory", 0);
    const raisedAt = Date.now();
    await client.enqueue(tasks - client.accepted.size, some, 200);
    const resumedMs = await cluster.history.resumedAfter(raisedAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    const note = `every enqueue accepted; at most ${lines} log lines a minute`;
    report({
      test: "redis-oom",
      fault: "maxmemory hit, noeviction",
      tasks,
      lost: 0,
      doubled,
      resumedMs,
      note,
    });
  },
);

async function usedMemory(cluster: Cluster): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await cluster.admin.info("memory"))?.[1]);
}

/** Commands that were refused for want of memory. */
async function refusedByRedis(cluster: Cluster): Promise<number> {
  return Number(/^errorstat_OOM:count=(\d+)/m.exec(await cluster.admin.info("errorstats"))?.[1] ?? 0);
}
