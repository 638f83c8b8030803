import { expect, test, vi } from "vitest";
import { load, report } from "./support/load.ts";
import { startCluster } from "./support/cluster.ts";

test(
  "a task that blocks its process for less than worker-lost is not run twice",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    const blocked = await cluster.worker();
    const client = cluster.client();
    await client.send([{ name: "fault.block", args: { ms: 1_200 } }]);
    const others = await client.enqueue(load(500), { args: { ms: 5 } });
    await cluster.checker.allFinal(client.accepted);
    await blocked.waitForLine(/fault\.block/);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    await cluster.checker.isAtRest();
    report({
      test: "event-loop-block, short",
      fault: "a task blocks its process for 1.2 s of the 2 s",
      tasks: others.length + 1,
      lost: 0,
      doubled: await cluster.checker.doubledAtMost(0),
      resumedMs: null,
    });
  },
);

test(
  "a task that blocks its process for longer is rescued and fenced, and the log names it",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    const workers = [await cluster.worker(), await cluster.worker()];
    const client = cluster.client();
    const [blocker] = await client.send([{ name: "fault.block", args: { ms: 4_000 } }]);
    await vi.waitFor(async () => expect(await cluster.history.open()).not.toEqual([]), {
      timeout: 10_000,
      interval: 10,
    });
    const blockedAt = Date.now();
    const others = await client.enqueue(load(500), { args: { ms: 5 } });
    await cluster.checker.allFinal(client.accepted);
    await Promise.any(
      workers.map((worker) =>
        worker.waitForLine(/blocked the event loop.*fault\.block|fault\.block.*blocked the event loop/),
      ),
    );
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    await cluster.checker.isAtRest();
    const states = await cluster.checker.query<{ id: string; state: string }>(
      "select id, state from lovage.task where state <> 'SUCCESS'",
    );
    expect(states.filter((row) => row.id !== blocker)).toEqual([]);
    report({
      test: "event-loop-block, long",
      fault: "a task blocks each process that runs it for twice worker-lost",
      tasks: others.length + 1,
      lost: 0,
      doubled: await cluster.checker.doubledAtMost(2 + 2 * 8),
      resumedMs: await cluster.history.resumedAfter(blockedAt),
    });
  },
);

test(
  "hints that a halted worker had fetched are claimed by others; when it resumes it takes none of them",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    const client = cluster.client();
    const tasks = load(1_000);
    await client.enqueue(tasks, { args: { ms: 1 } });
    const slots = Math.min(250, tasks / 4);
    const halted = await Promise.all(
      Array.from({ length: 3 }, () =>
        cluster.worker({ concurrency: slots, failpoint: "fetcher.fetched:halt", ready: false }),
      ),
    );
    await Promise.all(halted.map((worker) => worker.waitForLine(/failpoint fetcher.fetched: halt/)));
    const haltedAt = Date.now();
    await cluster.worker({ concurrency: slots });
    await cluster.checker.allFinal(client.accepted);
    for (const worker of halted) worker.kill("SIGCONT");
    // They live on and take part again, as soon as they have found out.
    await vi.waitFor(
      async () => {
        await client.enqueue(4 * slots, { args: { ms: 50 } });
        const pids = new Set((await cluster.history.ends()).map((line) => line.pid));
        for (const worker of halted) expect(pids).toContain(worker.pid);
      },
      { timeout: 60_000, interval: 250 },
    );
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(0);
    await cluster.checker.isAtRest();
    report({
      test: "stale-renewer-cannot-steal",
      fault: "3 workers halted between fetch and claim",
      tasks: client.accepted.size,
      lost: 0,
      doubled,
      resumedMs: await cluster.history.resumedAfter(haltedAt),
    });
  },
);
