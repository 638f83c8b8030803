import { expect, test, vi } from "vitest";
import { epochKey, queueKeys } from "../../src/broker/redis-keys.ts";
import type { Child } from "../support/child.ts";
import { type RedisCluster, startCluster } from "../support/redis-cluster.ts";
import { startSentinels } from "../support/redis-sentinel.ts";
import type { RedisServer } from "../support/redis-server.ts";
import type { Client } from "./client.ts";
import { load, LONG, report } from "./load.ts";
import { Random } from "./random.ts";
import { hurtUnderLoad } from "./rounds.ts";
import { allIsWell, nobodyFell } from "./verdict.ts";
import { startWorld, type World } from "./world.ts";

/** From the moment when there is a new master. */
const RESUMED_WITHIN_MS = 15_000;
/** How far the replica that becomes the master is behind. */
const LAG_MS = 2_000;
const SLOTS = 8;
const QUEUES = Array.from({ length: 8 }, (_, index) => `queue-${index + 1}`);

test(
  "a master under sentinels that is killed again and again, with a replica that is behind, costs no task and doubles none",
  { timeout: 400_000 },
  async () => {
    const random = new Random("sentinel-failover");
    await using set = await startSentinels();
    const redisNodes = set.servers.map(({ url }) => url);
    await using world = await startWorld({ redisUrl: () => set.url, redisNodes });
    await world.server();
    const workers = await Promise.all([1, 2, 3].map(() => world.worker({ concurrency: SLOTS })));
    const client = world.client();
    const [tasks, kills] = [load(5_000), load(3, 2)];
    let dead: RedisServer | null = null;
    const { resumedMs, overAt } = await hurtUnderLoad(world, client, {
      // Long enough that some tasks wait, some run, and some have ended when the master dies.
      ...{ random, rounds: kills, tasks, ms: LONG ? 100 : 500 },
      hurt: async () => {
        if (dead) await set.revive(dead);
        await set.cutReplica();
        await random.pause(LAG_MS, LAG_MS + 500);
        dead = await set.killMaster();
        await set.failedOverFrom(dead);
      },
    });
    const allMs = await allTakePart(world, client, workers, overAt);
    await set.revive(dead!);
    const doubled = await allIsWell(world, client, { tasks: client.accepted.size, doubled: 0 });
    await nobodyFell(world);
    expect(client.refusals).toEqual([]);
    expect(Math.max(resumedMs, allMs)).toBeLessThanOrEqual(RESUMED_WITHIN_MS);
    const note = `all workers take part again after ${allMs} ms`;
    const fault = `${kills} SIGKILLs of the master; its replica ${LAG_MS / 1_000} s behind`;
    report({ test: "sentinel-failover", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

test(
  "a master of a cluster that dies costs no task and doubles none, and the queues of the other masters go on",
  { timeout: 400_000 },
  async () => {
    const random = new Random("cluster-node-kill");
    await using cluster = await startCluster();
    const redisNodes = cluster.nodes.map(({ url }) => url);
    await using world = await startWorld({ redisUrl: () => cluster.url, redisNodes });
    await world.server();
    const workers = await Promise.all(
      [1, 2].map(() => world.worker({ queues: QUEUES, concurrency: SLOTS })),
    );
    const client = world.client();
    const [tasks, kills] = [load(5_000), load(6, 2)];
    const scene = { world, cluster, client, random };
    const share = Math.round(tasks / kills / 2);
    const rounds: NodeKill[] = [];
    for (let round = 1; round <= kills; round += 1) {
      // Each second time the one that has the events and the mark of Redis, too.
      const key =
        round % 2 === 0 ? epochKey(world.prefix) : streamOf(world, random.pick(QUEUES));
      rounds.push(await killNode(scene, key, share));
    }
    const worst = (of: (round: NodeKill) => number): number => Math.max(...rounds.map(of));
    const [resumedMs, sparedMs] = [worst((round) => round.resumedMs), worst((round) => round.sparedMs)];
    const allMs = await allTakePart(world, client, workers, rounds.at(-1)!.overAt, QUEUES[0]);
    const doubled = await allIsWell(world, client, { tasks: client.accepted.size, doubled: 0 });
    await nobodyFell(world);
    expect(client.refusals).toEqual([]);
    expect(Math.max(resumedMs, allMs)).toBeLessThanOrEqual(RESUMED_WITHIN_MS);
    expect(world.children.map(linesAboutSlots)).toEqual(world.children.map(() => []));
    const note = `queues of the other masters: begun within ${sparedMs} ms, while one was dead`;
    const fault = `${kills} SIGKILLs of one of 3 masters, 8 queues`;
    report({ test: "cluster-node-kill", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

interface NodeKill {
  /** When there was a new master. */
  readonly overAt: number;
  /** From then to the next task of the queues that it serves. */
  readonly resumedMs: number;
  /** The longest that a task of another master's queue waited for its begin while the master was dead. */
  readonly sparedMs: number;
}

interface Scene {
  readonly world: World;
  readonly cluster: RedisCluster;
  readonly client: Client;
  readonly random: Random;
}

/**
 * Kills the master of a key under load. Its replica may take its place only after the other masters' queues have shown that they do
 * without it. Resolves when the cluster is whole again.
 */
async function killNode({ world, cluster, client, random }: Scene, key: string, share: number): Promise<NodeKill> {
  const served = new Map<string, RedisServer>();
  for (const queue of QUEUES) served.set(queue, await cluster.masterOf(streamOf(world, queue)));
  await cluster.allowFailover(false);
  await spread(client, share);
  await random.pause(0, 100);
  const dead = await cluster.killMasterOf(key);
  const sent = await spread(client, share);
  const spared = new Set(sent.filter(({ queue }) => served.get(queue) !== dead).map(({ id }) => id));
  const begins = await beginsOf(world, spared);
  const sparedMs = Math.max(...sent.map(({ id, sentAt }) => (begins.get(id) ?? sentAt) - sentAt));

  await cluster.allowFailover(true);
  await cluster.failedOverFrom(dead, key);
  const overAt = Date.now();
  const cutOff = new Set(sent.filter(({ id }) => !spared.has(id)).map(({ id }) => id));
  const ended = await beginsOf(world, cutOff);
  const resumedMs = Math.max(0, Math.min(...ended.values()) - overAt);
  await cluster.revive(dead);
  return { overAt, resumedMs, sparedMs };
}
