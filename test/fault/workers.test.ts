import { expect, test, vi } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { load, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { startCluster } from "./support/cluster.ts";

const SLOTS = 8;

test(
  "ten random SIGKILLs of four workers lose nothing and double at most the tasks that the killed ones held",
  { timeout: 300_000 },
  async () => {
    const random = new Random("worker-sigkill-storm");
    await using cluster = await startCluster();
    await cluster.server();
    await using fleet = await new Fleet(cluster, 4, { concurrency: SLOTS }).start();
    const client = cluster.client();
    const tasks = load(20_000);
    const enqueued = client.enqueue(tasks, { args: { ms: 5 } });
    const kills = load(10, 4);
    let held = 0;
    let killedAt = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await random.pause(100, 400);
      const victim = random.pick(fleet.alive);
      await fleet.kill(victim);
      killedAt = Date.now();
      held += (await cluster.history.open(victim.pid)).length;
    }
    await enqueued;
    await cluster.checker.allFinal(client.accepted);
    const doubled = await cluster.checker.doubledAtMost(kills * SLOTS);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    await cluster.checker.isAtRest();
    expect(client.accepted.size).toBe(tasks);
    expect(fleet.crashes).toEqual([]);
    // By the history, between two lines a task may have ended for the test and not yet for the
    // database.
    expect(doubled).toBeGreaterThanOrEqual(held);
    report({
      test: "worker-sigkill-storm",
      fault: `${kills} SIGKILLs of 4 workers`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: await cluster.history.resumedAfter(killedAt, 1_000).catch(() => null),
    });
  },
);

test(
  "a worker that was stopped and comes back too late overwrites nothing",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    const tasks = load(100, 16);
    const zombie = await cluster.worker({ concurrency: tasks });
    const client = cluster.client();
    // Long enough that all of them are under way when the worker is stopped; short enough that they
    // end at once when it goes on.
    await client.enqueue(tasks, { args: { ms: 1_500 } });
    await vi.waitFor(async () => expect(await cluster.history.open(zombie.pid)).toHaveLength(tasks), {
      timeout: 20_000,
    });
    zombie.kill("SIGSTOP");
    const stoppedAt = Date.now();
    await cluster.worker({ concurrency: tasks });
    await cluster.checker.allFinal(client.accepted);
    const outcomes = await cluster.checker.query(
      "select id, version, finished_at, worker_id from lovage.task order by id",
    );
    zombie.kill("SIGCONT");
    await zombie.waitForLine(/declared LOST|came too late/);
    // It lives on and takes part again.
    await client.enqueue(tasks * 4, { args: { ms: 50 } });
    await vi.waitFor(
      async () =>
        expect(
          (await cluster.history.ends()).filter((end) => end.pid === zombie.pid && end.at > stoppedAt).length,
        ).toBeGreaterThan(tasks),
      { timeout: 30_000 },
    );
    await cluster.checker.allFinal(client.accepted);
    expect(
      await cluster.checker.query(
        "select id, version, finished_at, worker_id from lovage.task where id = any($1::uuid[]) order by id",
        [outcomes.map((row) => (row as { id: string }).id)],
      ),
    ).toEqual(outcomes);
    await cluster.checker.transitionsAreSound();
    await cluster.checker.isAtRest();
    report({
      test: "zombie-late-finisher",
      fault: "SIGSTOP beyond worker-lost, then SIGCONT",
      tasks,
      lost: 0,
      doubled: await cluster.checker.doubledAtMost(tasks),
      resumedMs: await cluster.history.resumedAfter(stoppedAt),
    });
  },
);
