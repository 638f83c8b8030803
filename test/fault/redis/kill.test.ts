import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { hurtUnderLoad } from "../support/rounds.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { startCluster } from "../support/cluster.ts";

/** Everything that a Redis forgot runs within so long after its return. */
const REPAIRED_WITHIN_MS = 60_000;

test(
  "a Redis that is killed again and again and comes back empty costs no task and doubles none",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-sigkill-no-persistence");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const [tasks, kills] = [load(10_000), load(5, 3)];
    const { resumedMs, overAt } = await hurtUnderLoad(cluster, client, {
      ...{ random, rounds: kills, tasks, ms: 20 },
      hurt: async () => {
        await cluster.redis!.kill("SIGKILL");
        await random.pause(0, 1_500);
        await cluster.redis!.start();
      },
    });
    await cluster.checker.allFinal(client.accepted, REPAIRED_WITHIN_MS);
    const repairedMs = Date.now() - overAt;
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(repairedMs).toBeLessThan(REPAIRED_WITHIN_MS);
    const note = `all done ${repairedMs} ms after the last return`;
    const fault = `${kills} SIGKILLs of Redis without persistence`;
    report({ test: "redis-sigkill-no-persistence", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

test(
  "a Redis that is killed again and again and comes back without its last second costs no task and doubles none",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-sigkill-aof");
    await using cluster = await startCluster({
      redis: { args: ["--appendonly", "yes", "--appendfsync", "everysec"] },
    });
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const [tasks, kills] = [load(10_000), load(5, 3)];
    const { resumedMs, overAt } = await hurtUnderLoad(cluster, client, {
      ...{ random, rounds: kills, tasks, ms: 20 },
      hurt: async () => {
        await cluster.redis!.kill("SIGKILL");
        await loseTail(cluster.redis!.dir, random);
        await random.pause(0, 1_500);
        await cluster.redis!.start();
      },
    });
    await cluster.checker.allFinal(client.accepted, REPAIRED_WITHIN_MS);
    const repairedMs = Date.now() - overAt;
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(repairedMs).toBeLessThan(REPAIRED_WITHIN_MS);
    const note = `all done ${repairedMs} ms after the last return`;
    const fault = `${kills} SIGKILLs of Redis with AOF everysec, its tail lost`;
    report({ test: "redis-sigkill-aof", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

/**
 * A killed process leaves what it wrote with the kernel; a machine without power loses what was not
 * yet on the disk, too. So a part of the append-only file's end goes: what was delivered comes back
 * as undelivered, what was acked as pending, and the last hints are gone. It is cut at any byte:
 * half a transaction stays in the file of Redis 7.0, and takes effect, late, after the restart that
 * follows.
 */
async function loseTail(dir: string, random: Random): Promise<void> {
  const folder = join(dir, "appendonlydir");
  const file = join(
    folder,
    (await readdir(folder)).find((name) => name.endsWith(".incr.aof"))!,
  );
  const { size } = await stat(file);
  await truncate(file, Math.max(0, size - random.between(0, 20_000)));
}
