import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, report } from "./load.ts";
import { Random } from "./random.ts";
import { hurtUnderLoad } from "./rounds.ts";
import { allIsWell, nobodyFell } from "./verdict.ts";
import { startWorld } from "./world.ts";

/** Everything that a Redis forgot runs within so long after its return. */
const REPAIRED_WITHIN_MS = 60_000;

test(
  "a Redis that is killed again and again and comes back empty costs no task and doubles none",
  { timeout: 300_000 },
  async () => {
    const random = new Random("redis-sigkill-no-persistence");
    await using world = await startWorld({ redis: {} });
    await world.server();
    await Promise.all([world.worker(), world.worker()]);
    const client = world.client();
    const [tasks, kills] = [load(10_000), load(5, 3)];
    const { resumedMs, overAt } = await hurtUnderLoad(world, client, {
      ...{ random, rounds: kills, tasks, ms: 20 },
      hurt: async () => {
        await world.redis!.kill("SIGKILL");
        await random.pause(0, 1_500);
        await world.redis!.start();
      },
    });
    await world.oracle.allFinal(client.accepted, REPAIRED_WITHIN_MS);
    const repairedMs = Date.now() - overAt;
    const doubled = await allIsWell(world, client, { tasks, doubled: 0 });
    await nobodyFell(world);
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
    await using world = await startWorld({
      redis: { args: ["--appendonly", "yes", "--appendfsync", "everysec"] },
    });
    await world.server();
    await Promise.all([world.worker(), world.worker()]);
    const client = world.client();
    const [tasks, kills] = [load(10_000), load(5, 3)];
    const { resumedMs, overAt } = await hurtUnderLoad(world, client, {
      ...{ random, rounds: kills, tasks, ms: 20 },
      hurt: async () => {
        await world.redis!.kill("SIGKILL");
        await loseTail(world.redis!.dir, random);
        await random.pause(0, 1_500);
        await world.redis!.start();
      },
    });
    await world.oracle.allFinal(client.accepted, REPAIRED_WITHIN_MS);
    const repairedMs = Date.now() - overAt;
    const doubled = await allIsWell(world, client, { tasks, doubled: 0 });
    await nobodyFell(world);
    expect(client.refusals).toEqual([]);
    expect(repairedMs).toBeLessThan(REPAIRED_WITHIN_MS);
    const note = `all done ${repairedMs} ms after the last return`;
    const fault = `${kills} SIGKILLs of Redis with AOF everysec, its tail lost`;
    report({ test: "redis-sigkill-aof", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

/**
 * A killed process leaves what it wrote with the kernel; a machine without power loses what was not yet on the disk, too. So a part of
 * the append-only file's end goes: what was delivered comes back as undelivered, what was acked as pending, and the last hints are gone.
 * It is cut at any byte: half a transaction stays in the file of Redis 7.0, and takes effect, late, after the restart that follows.
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
