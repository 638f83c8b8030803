import { expect, test, vi } from "vitest";
import { epochKey, queueKeys } from "../../../src/broker/redis/keys.ts";
import type { Child } from "../../support/child.ts";
import { type RedisCluster, startRedisCluster } from "../../support/servers/redis-cluster.ts";
import { startSentinels } from "../../support/servers/redis-sentinel.ts";
import type { RedisServer } from "../../support/servers/redis-server.ts";
import type { Client } from "../support/client.ts";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { hurtUnderLoad } from "../support/rounds.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/** From the moment when there is a new master. */
const RESUMED_WITHIN_MS = 15_000;
/**
 * While a master is dead, a task of another one's queue begins within so long: a read that waits
 * would hold it up for longer.
 */
const SPARED_WITHIN_MS = 4_000;
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
    await using cluster = await startCluster({ redisUrl: () => set.url, redisNodes });
    await cluster.server();
    const workers = await Promise.all([1, 2, 3].map(() => cluster.worker({ concurrency: SLOTS })));
    const client = cluster.client();
    const kills = load(3, 2);
    let dead: RedisServer | null = null;
    const { resumedMs, overAt } = await hurtUnderLoad(cluster, client, {
      // Long enough that some tasks wait, some run, and some have ended when the master dies.
      ...{ random, rounds: kills, tasks: load(5_000), ms: LONG ? 100 : 500 },
      hurt: async () => {
        if (dead) await set.revive(dead);
        await set.cutReplica();
        await random.pause(LAG_MS, LAG_MS + 500);
        dead = await set.killMaster();
        await set.failedOverFrom(dead);
      },
    });
    const allMs = await allTakePart(cluster, client, workers, overAt);
    await set.revive(dead!);
    const { size: tasks } = client.accepted;
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(Math.max(resumedMs, allMs)).toBeLessThanOrEqual(RESUMED_WITHIN_MS);
    const note = `all workers take part again after ${allMs} ms`;
    const fault = `${kills} SIGKILLs of the master; its replica ${LAG_MS / 1_000} s behind`;
    report({ test: "sentinel-failover", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

test(
  "a master of a cluster that dies costs no task and doubles none, and the queues of the other masters continue",
  { timeout: 400_000 },
  async () => {
    const random = new Random("cluster-node-kill");
    await using redisCluster = await startRedisCluster();
    const redisNodes = redisCluster.nodes.map(({ url }) => url);
    await using cluster = await startCluster({ redisUrl: () => redisCluster.url, redisNodes });
    await cluster.server();
    const workers = await Promise.all(
      [1, 2].map(() => cluster.worker({ queues: QUEUES, concurrency: SLOTS })),
    );
    const client = cluster.client();
    const kills = load(6, 2);
    const scene = { cluster, redisCluster, client, random };
    const share = Math.round(load(5_000) / kills / 2);
    const rounds: NodeKill[] = [];
    for (let round = 1; round <= kills; round += 1) {
      // Each second time the one that has the events and the mark of Redis, too.
      const key = round % 2 === 0 ? epochKey(cluster.prefix) : streamOf(cluster, random.pick(QUEUES));
      rounds.push(await killNode(scene, key, share));
    }
    const worst = (of: (round: NodeKill) => number): number => Math.max(...rounds.map(of));
    const [resumedMs, sparedMs] = [worst((round) => round.resumedMs), worst((round) => round.sparedMs)];
    const allMs = await allTakePart(cluster, client, workers, rounds.at(-1)!.overAt, QUEUES[0]);
    const { size: tasks } = client.accepted;
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    expect(client.refusals).toEqual([]);
    expect(Math.max(resumedMs, allMs)).toBeLessThanOrEqual(RESUMED_WITHIN_MS);
    expect(sparedMs).toBeLessThanOrEqual(SPARED_WITHIN_MS);
    expect(cluster.children.map(linesAboutSlots)).toEqual(cluster.children.map(() => []));
    const note = `queues of the other masters: begun within ${sparedMs} ms, while one was dead`;
    const fault = `${kills} SIGKILLs of one of 3 masters, 8 queues`;
    report({ test: "cluster-node-kill", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

interface NodeKill {
  /** When there was a new master. */
  readonly overAt: number;
  /** From then to the next task of the queues that it serves; 0 where it serves none. */
  readonly resumedMs: number;
  /**
   * The longest that a task of another master's queue waited for its begin while the master was
   * dead.
   */
  readonly sparedMs: number;
}

interface Scene {
  readonly cluster: Cluster;
  readonly redisCluster: RedisCluster;
  readonly client: Client;
  readonly random: Random;
}

/**
 * Kills the master of a key under load. Its replica may take its place only when the other masters'
 * queues have shown that they go on without it. Resolves when the cluster is whole again.
 */
async function killNode(
  { cluster, redisCluster, client, random }: Scene,
  key: string,
  share: number,
): Promise<NodeKill> {
  const masters = new Map<string, RedisServer>();
  for (const queue of QUEUES) masters.set(queue, await redisCluster.masterOf(streamOf(cluster, queue)));
  await redisCluster.allowFailover(false);
  await spread(client, share);
  await random.pause(0, 100);
  const dead = await redisCluster.killMasterOf(key);
  const sent = await spread(client, share);
  const [cutOff, spared] = [true, false].map((isDead) =>
    sent.filter(({ queue }) => (masters.get(queue) === dead) === isDead),
  ) as [Sent[], Sent[]];
  const begins = await beginsOf(cluster, spared);
  const sparedMs = Math.max(...spared.map(({ id, sentAt }) => begins.get(id)! - sentAt));
  const early = (await cluster.history.begins()).filter((line) => cutOff.some(({ id }) => id === line.id));
  expect(early, "the master was not as dead as this test wants it").toEqual([]);

  await redisCluster.allowFailover(true);
  await redisCluster.failedOverFrom(dead, key);
  const overAt = Date.now();
  const late = [...(await beginsOf(cluster, cutOff)).values()];
  const resumedMs = late.length === 0 ? 0 : Math.max(0, Math.min(...late) - overAt);
  await redisCluster.revive(dead);
  return { overAt, resumedMs, sparedMs };
}

interface Sent {
  readonly id: string;
  readonly queue: string;
  readonly sentAt: number;
}

/** Enqueues so many tasks, to all queues alike. */
async function spread(client: Client, count: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  while (sent.length < count) {
    const queues = QUEUES.slice(0, count - sent.length);
    const sentAt = Date.now();
    const ids = await client.send(queues.map((queue) => ({ args: { ms: 20 }, options: { queue } })));
    sent.push(...ids.map((id, index) => ({ id, queue: queues[index]!, sentAt })));
  }
  return sent;
}

/** Resolves when all of them have begun, with when each did. */
async function beginsOf(
  { history }: Cluster,
  tasks: readonly Pick<Sent, "id">[],
): Promise<Map<string, number>> {
  return vi.waitFor(
    async () => {
      const begins = new Map((await history.begins()).map((line) => [line.id, line.at]));
      const waiting = tasks.filter(({ id }) => !begins.has(id));
      expect(waiting.length, `tasks that nobody began, e.g. ${JSON.stringify(waiting[0])}`).toBe(0);
      return new Map(tasks.map(({ id }) => [id, begins.get(id)!]));
    },
    { timeout: 60_000, interval: 50 },
  );
}

/**
 * Enqueues until each worker has begun a task; resolves with how long that took the last of them,
 * in milliseconds.
 */
async function allTakePart(
  cluster: Cluster,
  client: Client,
  workers: readonly Child[],
  since: number,
  queue = "default",
): Promise<number> {
  const until = Date.now() + 60_000;
  for (;;) {
    const begins = await cluster.history.begins();
    const first = workers.map(({ pid }) => begins.find((line) => line.pid === pid && line.at > since)?.at);
    if (first.every((at) => at !== undefined)) return Math.max(...first) - since;
    const missing = first.filter((at) => at === undefined).length;
    expect(Date.now(), `${missing} workers take part no more`).toBeLessThan(until);
    const sent = await client.enqueue(SLOTS, { args: { ms: 200 }, options: { queue } });
    await beginsOf(
      cluster,
      sent.map((id) => ({ id })),
    );
  }
}

function streamOf({ prefix }: Cluster, queue: string): string {
  return queueKeys(prefix, queue).streams[0];
}

/** What the cluster says to commands that are about keys of several slots. */
function linesAboutSlots({ stdoutLines, stderrLines }: Child): string[] {
  return [...stdoutLines, ...stderrLines].filter((line) => line.includes("CROSSSLOT"));
}
