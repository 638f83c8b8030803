import { expect, test, vi } from "vitest";
import type { Child } from "../support/child.ts";
import { Fleet } from "./support/fleet.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { startCluster, type Cluster } from "./support/cluster.ts";

test(
  "a rolling deploy loses nothing, runs nothing twice and charges no attempt",
  { timeout: 400_000 },
  async () => {
    const random = new Random("rolling-deploy");
    await using cluster = await startCluster();
    await cluster.server();
    const workers = 4;
    await using fleet = await new Fleet(cluster, workers, { concurrency: 100 }).start();
    const client = cluster.client();
    const tasks = load(5_000);
    const longest = LONG ? 8_000 : 2_000;
    for (let sent = 0; sent < tasks; sent += 100) {
      await client.send(Array.from({ length: 100 }, () => ({ args: { ms: random.between(0, longest) } })));
    }
    const rounds = load(5, 2);
    const ends: { readonly code: number | null; readonly ms: number }[] = [];
    for (let turn = 0; turn < rounds * workers; turn += 1) ends.push(await fleet.replace(turn % workers));
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(0);
    await cluster.checker.isAtRest();
    expect(ends.map((end) => end.code)).toEqual(ends.map(() => 0));
    expect(Math.max(...ends.map((end) => end.ms))).toBeLessThan(30_000);
    const charged = await cluster.checker.query(
      "select id from lovage.task where attempt <> 1 or crash_count > 0 or state <> 'SUCCESS'",
    );
    expect(charged).toEqual([]);
    report({
      test: "rolling-deploy",
      fault: `SIGTERM of 4 workers in turn, ${rounds} rounds`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: null,
      note: `slowest exit ${(Math.max(...ends.map((end) => end.ms)) / 1_000).toFixed(1)} s`,
    });
  },
);

/** One worker with all slots taken by tasks that would go on for long, and more tasks that wait. */
async function busyWorker(cluster: Cluster, tasks: number, failpoint?: string): Promise<Child> {
  const worker = await cluster.worker({
    concurrency: tasks / 2,
    ...(failpoint ? { failpoint } : {}),
    env: { LOVAGE_GRACE_TIME: "60s" },
  });
  await vi.waitFor(async () => expect(await cluster.history.open(worker.pid)).toHaveLength(tasks / 2), {
    timeout: 30_000,
  });
  return worker;
}

test(
  "a second SIGTERM ends the grace time: running tasks are requeued, uncharged, and run on another worker",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    const client = cluster.client();
    const tasks = load(200, 20);
    // So long that none of them ends before both signals have come.
    await client.enqueue(tasks, { args: { ms: 10_000 } });
    const worker = await busyWorker(cluster, tasks);
    worker.kill("SIGTERM");
    await worker.waitForLine(/SIGTERM: stopping/);
    worker.kill("SIGTERM");
    const second = Date.now();
    expect((await worker.exited).code).toBe(0);
    await cluster.worker({ concurrency: tasks });
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    // Every one that ran was given back, none was waited for.
    const doubled = await cluster.history.doubled();
    expect(doubled).toBe(tasks / 2);
    await cluster.checker.isAtRest();
    expect(
      await cluster.checker.query("select id from lovage.task where attempt <> 1 or crash_count > 0"),
    ).toEqual([]);
    report({
      test: "double-signal",
      fault: "SIGTERM twice",
      tasks,
      lost: 0,
      doubled,
      resumedMs: await cluster.history.resumedAfter(second),
    });
  },
);

/** The phases of a stop, in their order, as they are marked in the code. */
const PHASES = ["stop.draining", "stop.left-broker", "stop.given-back", "stop.recorded", "stop.offline"];

test.for(PHASES)("SIGKILL in the phase %s of a stop loses nothing", { timeout: 120_000 }, async (phase) => {
  await using cluster = await startCluster();
  await cluster.server();
  const client = cluster.client();
  const tasks = load(200, 20);
  await client.enqueue(tasks, { args: { ms: 1_000 } });
  const worker = await busyWorker(cluster, tasks, `${phase}:kill`);
  worker.kill("SIGTERM");
  worker.kill("SIGTERM");
  expect((await worker.exited).signal).toBe("SIGKILL");
  const killedAt = Date.now();
  await cluster.worker({ concurrency: tasks });
  await cluster.checker.allFinal(client.accepted);
  await cluster.checker.successesRan();
  await cluster.checker.transitionsAreSound();
  const doubled = await cluster.checker.doubledAtMost(tasks / 2);
  await cluster.checker.isAtRest();
  report({
    test: `SIGKILL in ${phase}`,
    fault: "SIGTERM, then SIGKILL in that phase",
    tasks,
    lost: 0,
    doubled,
    resumedMs: await cluster.history.resumedAfter(killedAt, 1_000).catch(() => null),
  });
});

test("hundreds of restarts leave no consumers behind in Redis", { timeout: 900_000 }, async () => {
  const random = new Random("consumer-leak");
  await using cluster = await startCluster();
  await cluster.server();
  const workers = 4;
  await using fleet = await new Fleet(cluster, workers).start();
  const client = cluster.client();
  const restarts = load(500, 24);
  const tasks = load(500);
  for (let restart = 0; restart < restarts; restart += workers) {
    await client.enqueue(Math.ceil((tasks * workers) / restarts), { args: { ms: 20 } });
    // Half of them have no time to say good-bye.
    const signals = Array.from({ length: workers }, () => random.pick(["SIGTERM", "SIGKILL"] as const));
    await Promise.all(signals.map((signal, place) => fleet.replace(place, signal)));
  }
  await cluster.checker.allFinal(client.accepted);
  // Who died with nothing pending is forgotten after twice the take-over time.
  await vi.waitFor(async () => expect(await cluster.checker.consumers()).toBeLessThanOrEqual(workers + 5), {
    timeout: 30_000,
    interval: 250,
  });
  await cluster.checker.successesRan();
  await cluster.checker.transitionsAreSound();
  await cluster.checker.isAtRest();
  report({
    test: "consumer-leak",
    fault: `${restarts} restarts, half of them by SIGKILL`,
    tasks: client.accepted.size,
    lost: 0,
    doubled: await cluster.history.doubled(),
    resumedMs: null,
    note: `${await cluster.checker.consumers()} consumers at the end`,
  });
});
