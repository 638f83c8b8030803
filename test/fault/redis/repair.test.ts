import { expect, test, vi } from "vitest";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell } from "../support/verdict.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/**
 * Rows that have waited for 5 s are compared with hints every 5 s, by each process: in the short
 * form they see at least one such comparison by each before the flush and one after it.
 */
const HOLD_MS = LONG ? 300_000 : 11_000;
const AFTER_FLUSH_MS = LONG ? 60_000 : 6_000;
const SAMPLE_MS = 100;
const FLUSHES = LONG ? 10 : 4;
/**
 * Each process looks for the mark of Redis every 250 ms here: whoever sends too much does it by
 * then.
 */
const SETTLE_MS = 600;

// Both mostly wait, each with a cluster and a Redis of its own.
test.concurrent(
  "a queue without a worker keeps one hint for each of its tasks, for minutes, and again after a flush",
  { timeout: 600_000 },
  async () => {
    const random = new Random("sweeper-no-double");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    await Promise.all([cluster.server({ port: 0 }), cluster.server({ port: 0 })]);
    const client = cluster.client();
    const tasks = load(20_000);
    await client.enqueue(tasks);
    await staysAt(cluster, tasks, HOLD_MS);
    const ms = await flushAgainAndAgain(cluster, tasks, random);
    await staysAt(cluster, tasks, AFTER_FLUSH_MS);
    await cluster.worker({ concurrency: 32 });
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    const note = `${tasks} hints all the while; ${ms} ms after each of ${FLUSHES} FLUSHALLs again, at most`;
    report({ test: "sweeper-no-double", fault: "no worker", tasks, lost: 0, doubled, resumedMs: null, note });
  },
);

test.concurrent(
  "a queue that is paused while its tasks run keeps one hint for each that waits, for minutes, and again after a flush",
  { timeout: 600_000 },
  async () => {
    const random = new Random("sweeper-no-double, paused");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    await Promise.all([cluster.server({ port: 0 }), cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const tasks = load(20_000);
    const enqueued = client.enqueue(tasks, { args: { ms: 10 } }, 100);
    await cluster.history.waitForEnds(random.between(1, 100));
    await client.query('mutation { pauseQueue(input: { name: "default" }) { errors { message } } }');
    await enqueued;
    await vi.waitFor(async () => expect((await cluster.checker.countByState()).STARTED ?? 0).toBe(0), 10_000);
    const waiting = (await cluster.checker.countByState()).QUEUED!;
    await vi.waitFor(async () => expect(await hints(cluster)).toBe(waiting), 10_000);
    await staysAt(cluster, waiting, HOLD_MS);
    const ms = await flushAgainAndAgain(cluster, waiting, random);
    await staysAt(cluster, waiting, AFTER_FLUSH_MS);
    expect((await cluster.checker.countByState()).QUEUED).toBe(waiting);
    const resumedAt = Date.now();
    await client.query('mutation { resumeQueue(input: { name: "default" }) { errors { message } } }');
    const resumedMs = await cluster.history.resumedAfter(resumedAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    const note = `${waiting} hints all the while; ${ms} ms after each of ${FLUSHES} FLUSHALLs again, at most`;
    report({ test: "sweeper-no-double", fault: "paused queue", tasks, lost: 0, doubled, resumedMs, note });
  },
);

async function hints(cluster: Cluster): Promise<number> {
  return (await cluster.checker.leftovers()).hints;
}

/** Looks again and again: a hint too many that a worker soon drops is one too many, too. */
async function staysAt(cluster: Cluster, count: number, forMs: number): Promise<void> {
  const seen = new Set<number>();
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    seen.add(await hints(cluster));
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  expect([...seen]).toEqual([count]);
}

/**
 * Several times, as each is a race of all processes for the repair. Resolves with the longest time
 * until the hints were there again, in milliseconds.
 */
async function flushAgainAndAgain(cluster: Cluster, count: number, random: Random): Promise<number> {
  let longest = 0;
  for (let flush = 1; flush <= FLUSHES; flush += 1) {
    await random.pause(0, 500);
    const flushedAt = performance.now();
    await cluster.admin.flushall();
    await vi.waitFor(async () => expect(await hints(cluster)).toBeGreaterThanOrEqual(count), {
      timeout: 30_000,
      interval: 10,
    });
    longest = Math.max(longest, Math.round(performance.now() - flushedAt));
    await staysAt(cluster, count, SETTLE_MS);
  }
  return longest;
}
