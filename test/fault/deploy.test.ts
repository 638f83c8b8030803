import { expect, test, vi } from "vitest";
import type { Child } from "../support/child.ts";
import { Fleet } from "./fleet.ts";
import { load, LONG, report } from "./load.ts";
import { Random } from "./random.ts";
import { startWorld, type World } from "./world.ts";

test(
  "a rolling deploy loses nothing, runs nothing twice and charges no attempt",
  { timeout: 400_000 },
  async () => {
    const random = new Random("rolling-deploy");
    await using world = await startWorld();
    await world.server();
    const workers = 4;
    await using fleet = await new Fleet(world, workers, { concurrency: 100 }).start();
    const client = world.client();
    const tasks = load(5_000);
    const longest = LONG ? 8_000 : 2_000;
    for (let sent = 0; sent < tasks; sent += 100) {
      await client.send(Array.from({ length: 100 }, () => ({ args: { ms: random.between(0, longest) } })));
    }
    const rounds = load(5, 2);
    const ends: { readonly code: number | null; readonly ms: number }[] = [];
    for (let turn = 0; turn < rounds * workers; turn += 1) ends.push(await fleet.replace(turn % workers));
    await world.oracle.allFinal(client.accepted);
    await world.oracle.successesRan();
    await world.oracle.transitionsAreSound();
    const doubled = await world.oracle.doubledAtMost(0);
    await world.oracle.isAtRest();
    expect(ends.map((end) => end.code)).toEqual(ends.map(() => 0));
    expect(Math.max(...ends.map((end) => end.ms))).toBeLessThan(30_000);
    const charged = await world.oracle.query(
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
async function busyWorker(world: World, tasks: number, failpoint?: string): Promise<Child> {
  const worker = await world.worker({
    concurrency: tasks / 2,
    ...(failpoint ? { failpoint } : {}),
    env: { LOVAGE_GRACE_TIME: "60s" },
  });
  await vi.waitFor(async () => expect(await world.ledger.open(worker.pid)).toHaveLength(tasks / 2), {
    timeout: 30_000,
  });
  return worker;
}

test(
  "a second SIGTERM ends the grace time: what runs is given back, uncharged, and runs elsewhere",
  { timeout: 120_000 },
  async () => {
    await using world = await startWorld();
    await world.server();
    const client = world.client();
    const tasks = load(200, 20);
    // So long that none of them ends before both signals have come.
    await client.enqueue(tasks, { args: { ms: 10_000 } });
    const worker = await busyWorker(world, tasks);
    worker.kill("SIGTERM");
    await worker.waitForLine(/SIGTERM: stopping/);
    worker.kill("SIGTERM");
    const second = Date.now();
    expect((await worker.exited).code).toBe(0);
    await world.worker({ concurrency: tasks });
    await world.oracle.allFinal(client.accepted);
    await world.oracle.successesRan();
    await world.oracle.transitionsAreSound();
    // Every one that ran was given back, none was waited for.
    const doubled = await world.ledger.doubled();
    expect(doubled).toBe(tasks / 2);
    await world.oracle.isAtRest();
    expect(
      await world.oracle.query("select id from lovage.task where attempt <> 1 or crash_count > 0"),
    ).toEqual([]);
    report({
      test: "double-signal",
      fault: "SIGTERM twice",
      tasks,
      lost: 0,
      doubled,
      resumedMs: await world.ledger.resumedAfter(second),
    });
  },
);

/** The phases of a stop, in their order, as they are marked in the code. */
const PHASES = ["stop.draining", "stop.left-broker", "stop.given-back", "stop.recorded", "stop.offline"];

test.for(PHASES)("SIGKILL in the phase %s of a stop loses nothing", { timeout: 120_000 }, async (phase) => {
  await using world = await startWorld();
  await world.server();
  const client = world.client();
  const tasks = load(200, 20);
  await client.enqueue(tasks, { args: { ms: 1_000 } });
  const worker = await busyWorker(world, tasks, `${phase}:kill`);
  worker.kill("SIGTERM");
  worker.kill("SIGTERM");
  expect((await worker.exited).signal).toBe("SIGKILL");
  const killedAt = Date.now();
  await world.worker({ concurrency: tasks });
  await world.oracle.allFinal(client.accepted);
  await world.oracle.successesRan();
  await world.oracle.transitionsAreSound();
  const doubled = await world.oracle.doubledAtMost(tasks / 2);
  await world.oracle.isAtRest();
  report({
    test: `SIGKILL in ${phase}`,
    fault: "SIGTERM, then SIGKILL in that phase",
    tasks,
    lost: 0,
    doubled,
    resumedMs: await world.ledger.resumedAfter(killedAt, 1_000).catch(() => null),
  });
});

test("hundreds of restarts leave no consumers behind in Redis", { timeout: 900_000 }, async () => {
  const random = new Random("consumer-leak");
  await using world = await startWorld();
  await world.server();
  const workers = 4;
  await using fleet = await new Fleet(world, workers).start();
  const client = world.client();
  const restarts = load(500, 24);
  const tasks = load(500);
  for (let restart = 0; restart < restarts; restart += workers) {
    await client.enqueue(Math.ceil((tasks * workers) / restarts), { args: { ms: 20 } });
    // Half of them have no time to say good-bye.
    const signals = Array.from({ length: workers }, () => random.pick(["SIGTERM", "SIGKILL"] as const));
    await Promise.all(signals.map((signal, place) => fleet.replace(place, signal)));
  }
  await world.oracle.allFinal(client.accepted);
  // Who died with nothing pending is forgotten after twice the take-over time.
  await vi.waitFor(async () => expect(await world.oracle.consumers()).toBeLessThanOrEqual(workers + 5), {
    timeout: 30_000,
    interval: 250,
  });
  await world.oracle.successesRan();
  await world.oracle.transitionsAreSound();
  await world.oracle.isAtRest();
  report({
    test: "consumer-leak",
    fault: `${restarts} restarts, half of them by SIGKILL`,
    tasks: client.accepted.size,
    lost: 0,
    doubled: await world.ledger.doubled(),
    resumedMs: null,
    note: `${await world.oracle.consumers()} consumers at the end`,
  });
});
