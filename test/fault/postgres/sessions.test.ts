import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { footprint, startCluster, type Cluster } from "../support/cluster.ts";

const EVERY_MS = 1_000;
const ROUNDS = LONG ? 60 : 6;
const LINES_PER_MINUTE = 20;
/** Connections of one process at most. */
const POOL = 10;

test(
  "sessions that an administrator ends, all of them, again and again, end no process, cost no task, and run none twice",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-terminate-backends");
    await using cluster = await startCluster();
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(3_000);
    const some = { args: { ms: 20 } };
    await client.enqueue(tasks / 10, some);
    await cluster.checker.allFinal(client.accepted);
    const base = await descriptors(cluster);

    let ended = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const share = Math.round((tasks * 0.8 * round) / ROUNDS) - (client.accepted.size - tasks / 10);
      const next = performance.now() + EVERY_MS;
      const meanwhile = client.enqueue(share, some, Math.ceil(share / 10));
      await random.pause(0, EVERY_MS / 2);
      ended += await endSessions(cluster);
      await meanwhile;
      await sleep(Math.max(0, next - performance.now()));
    }
    const over = Date.now();
    await client.enqueue(tasks - client.accepted.size, some);
    const resumedMs = await cluster.history.resumedAfter(over);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    onlyToTryAgain(client);
    // Each process had some to lose each time.
    expect(ended).toBeGreaterThanOrEqual(ROUNDS * 3);
    await vi.waitFor(async () => {
      expect(await sessions(cluster)).toBeLessThanOrEqual(3 * POOL);
      for (const [index, count] of (await descriptors(cluster)).entries()) {
        expect(count, `descriptors, ${base[index]} before`).toBeLessThanOrEqual(base[index]! + POOL);
      }
    }, 20_000);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-terminate-backends",
      fault: `all sessions ended, ${ROUNDS} times, ${EVERY_MS / 1_000} s apart`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `${ended} sessions; no process ended; at most ${lines} log lines a minute`,
    });
  },
);

const OURS = "datname = current_database() and application_name = 'lovage'";

/** Ends all sessions of Lovage; resolves with how many those were. */
async function endSessions(cluster: Cluster): Promise<number> {
  const rows = await cluster.checker.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`,
  );
  return rows.length;
}

async function sessions(cluster: Cluster): Promise<number> {
  return (await cluster.checker.query(`select pid from pg_stat_activity where ${OURS}`)).length;
}

async function descriptors(cluster: Cluster): Promise<number[]> {
  const living = cluster.children.filter((child) => child.running);
  return Promise.all(living.map(async (child) => (await footprint(child.pid)).descriptors));
}
