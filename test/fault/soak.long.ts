import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Child } from "../support/child.ts";
import { freePort } from "../support/servers/free-port.ts";
import { Client } from "./support/client.ts";
import { Fleet } from "./support/fleet.ts";
import { report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { footprint, startCluster, type Cluster } from "./support/cluster.ts";

const MINUTES = Number(process.env.FAULT_SOAK_MINUTES ?? 30);
/** What is held in this first part of the run bounds the rest. */
const BASE_MINUTES = Math.min(5, MINUTES / 3);
const TASKS_PER_SECOND = 30;
const SLOTS = 16;

interface Sample {
  readonly serverMb: number;
  readonly workerMb: number;
  readonly descriptors: number;
  readonly redisClients: number;
  readonly sessions: number;
  readonly consumers: number;
}

async function measure(cluster: Cluster, server: Child, worker: Child): Promise<Sample> {
  const [ofServer, ofWorker] = [await footprint(server.pid), await footprint(worker.pid)];
  const clients = String(await cluster.admin.client("LIST"))
    .trim()
    .split("\n").length;
  const [row] = await cluster.checker.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where application_name = 'lovage'",
  );
  return {
    serverMb: ofServer.rssMb,
    workerMb: ofWorker.rssMb,
    descriptors: ofServer.descriptors + ofWorker.descriptors,
    redisClients: clients,
    sessions: row!.count,
    consumers: await cluster.checker.consumers(),
  };
}

/** MiB per minute by which a line through the values rises. */
function slope(values: readonly { readonly minute: number; readonly mb: number }[]): number {
  const mean = (of: (value: { minute: number; mb: number }) => number): number =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const [minute, mb] = [mean((value) => value.minute), mean((value) => value.mb)];
  const rise = values.reduce((sum, value) => sum + (value.minute - minute) * (value.mb - mb), 0);
  return rise / values.reduce((sum, value) => sum + (value.minute - minute) ** 2, 0);
}

test(
  `${MINUTES} minutes of faults at random: no promise broken, nothing that grows`,
  { timeout: (MINUTES + 10) * 60_000 },
  async () => {
    const random = new Random("soak");
    await using cluster = await startCluster({
      redis: {},
      postgres: true,
      env: { LOVAGE_LOG_LEVEL: "warn" },
    });
    const secondPort = await freePort();
    // One server and one worker live through all of it: what they hold is measured. The others are
    // killed again and again.
    const server = await cluster.server();
    const worker = await cluster.worker({ concurrency: SLOTS });
    let otherServer = await cluster.server({ port: secondPort });
    await using fleet = await new Fleet(cluster, 1, { concurrency: SLOTS }).start();
    const clients = [
      cluster.client({ giveUpAfterMs: 300_000 }),
      new Client(() => `http://127.0.0.1:${secondPort}`, { giveUpAfterMs: 300_000 }),
    ];
    let hurt = 0;
    const faults: readonly (() => Promise<void>)[] = [
      async () => {
        hurt += SLOTS;
        await fleet.replace(0, "SIGKILL");
      },
      async () => void (await fleet.replace(0)),
      async () => {
        otherServer.kill("SIGKILL");
        await otherServer.exited;
        otherServer = await cluster.server({ port: secondPort });
      },
      async () => {
        await cluster.redis!.kill();
        await random.pause(50, 3_000);
        await cluster.redis!.start();
      },
      async () => {
        await cluster.redis!.kill("SIGSTOP");
        await random.pause(500, 4_000);
        await cluster.redis!.kill("SIGCONT");
      },
      async () => void (await cluster.admin.flushall()),
      async () => {
        hurt += 2 * SLOTS;
        await cluster.postgres!.stop("immediate");
        await random.pause(50, 3_000);
        await cluster.postgres!.start();
      },
      async () => {
        await cluster.checker.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lovage'",
        );
      },
      async () => {
        const fellow = random.pick(fleet.alive);
        hurt += SLOTS;
        fellow.kill("SIGSTOP");
        await random.pause(500, 4_000);
        fellow.kill("SIGCONT");
      },
    ];
    const begun = performance.now();
    const minute = (): number => (performance.now() - begun) / 60_000;
    const feeding = clients.map(async (client) => {
      while (minute() < MINUTES) {
        const tasks = Array.from({ length: TASKS_PER_SECOND / 2 }, () => ({
          args: { ms: random.between(0, 500) },
          options: random.next() < 0.2 ? { delay: random.between(100, 3_000) } : {},
        }));
        await Promise.all([client.send(tasks), sleep(1_000)]);
      }
    });
    for (const feed of feeding) feed.catch(() => undefined); // Awaited below, after the faults.
    const samples: (Sample & { readonly minute: number })[] = [];
    let injected = 0;
    while (minute() < MINUTES) {
      await random.pause(3_000, 9_000);
      await random.pick(faults)();
      injected += 1;
      const sample = await measure(cluster, server, worker).catch(() => null);
      if (sample) samples.push({ ...sample, minute: minute() });
    }
    const over = Date.now();
    await Promise.all(feeding);
    const accepted = new Set(clients.flatMap((client) => [...client.accepted]));
    await cluster.checker.allFinal(accepted, 300_000);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(hurt);
    await cluster.checker.isAtRest();
    expect(fleet.crashes).toEqual([]);
    expect([server.running, worker.running]).toEqual([true, true]);

    const most = (key: keyof Sample, some: readonly Sample[]): number =>
      Math.max(...some.map((sample) => sample[key]));
    const base = samples.filter((sample) => sample.minute <= BASE_MINUTES);
    const rest = samples.filter((sample) => sample.minute > BASE_MINUTES);
    const slack = {
      serverMb: 30,
      workerMb: 30,
      descriptors: 10,
      redisClients: 8,
      sessions: 8,
      consumers: 5,
    } as const;
    const grown = (Object.keys(slack) as (keyof Sample)[]).filter(
      (key) => most(key, rest) > most(key, base) + slack[key],
    );
    expect(grown.map((key) => `${key}: ${most(key, base)} -> ${most(key, rest)}`)).toEqual([]);
    const slopes = (["serverMb", "workerMb"] as const).map((key) =>
      slope(rest.map((sample) => ({ minute: sample.minute, mb: sample[key] }))),
    );
    expect(Math.max(...slopes), "MiB per minute").toBeLessThan(1);
    report({
      test: `soak, ${MINUTES} min`,
      fault: `${injected} faults of 9 kinds at random`,
      tasks: accepted.size,
      lost: 0,
      doubled,
      resumedMs: await cluster.history.resumedAfter(over, 1_000).catch(() => null),
      note: `server ${most("serverMb", base).toFixed(0)} -> ${most("serverMb", rest).toFixed(0)} MiB, worker ${most("workerMb", base).toFixed(0)} -> ${most("workerMb", rest).toFixed(0)} MiB, slopes ${slopes.map((one) => one.toFixed(2)).join(" and ")} MiB/min`,
    });
  },
);
