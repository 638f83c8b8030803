import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { hurtUnderLoad } from "../support/rounds.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { busiestMinute, watchCpu } from "../support/probes.ts";
import { startCluster } from "../support/cluster.ts";

const LINES_PER_MINUTE = 20;
const IDLE_CPU_PERCENT = 20;
/** How long idle workers are watched after they lost the streams that they wait at. */
const IDLE_MS = LONG ? 60_000 : 5_000;
/** The group is made again, the mark is missed, hints are sent again: all that within so long. */
const RESUMED_WITHIN_MS = 10_000;

test(
  "FLUSHALL, under load or while all workers wait, costs no task, doubles none, and causes no busy loop and no flood of commands",
  { timeout: 400_000 },
  async () => {
    const random = new Random("flushall-live");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    const workers = await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const [tasks, flushes] = [load(10_000), load(10, 4)];
    const flush = async (): Promise<void> => void (await cluster.admin.flushall());
    const underLoad = { random, rounds: flushes / 2, tasks, ms: 20, hurt: flush };
    const { resumedMs } = await hurtUnderLoad(cluster, client, underLoad);
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.isAtRest();

    let idleMs = 0;
    for (let round = 1; round <= flushes / 2; round += 1) {
      await random.pause(100, 1_000);
      await flush();
      await random.pause(0, 300);
      const [sentAt, before] = [Date.now(), client.accepted.size];
      await client.enqueue(10);
      idleMs = Math.max(idleMs, await cluster.history.resumedAfter(sentAt));
      await cluster.history.waitForEnds(before + 10);
    }
    const cpu = await watchCpu(workers.map((worker) => worker.pid));
    await flush();
    await sleep(IDLE_MS);
    for (const percent of await cpu.percent()) expect(percent).toBeLessThan(IDLE_CPU_PERCENT);

    const doubled = await allIsWell(cluster, client, { tasks: tasks + 5 * flushes, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(Math.max(resumedMs, idleMs)).toBeLessThan(RESUMED_WITHIN_MS);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    const [percent] = (await cpu.percent()).sort((a, b) => b - a);
    const note = `idle: ${idleMs} ms to the next task, CPU ${percent!.toFixed(0)} %; at most ${lines} log lines a minute`;
    report({
      test: "flushall-live",
      fault: `${flushes + 1} FLUSHALLs`,
      tasks,
      lost: 0,
      doubled,
      resumedMs,
      note,
    });
  },
);
