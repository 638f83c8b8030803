import { expect, test, vi } from "vitest";
import type { Client } from "../support/client.ts";
import { EMBEDDED_SLOTS, startEmbeddedCluster } from "../support/embedded-cluster.ts";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell } from "../support/verdict.ts";

test(
  "the embedded form opens after each SIGKILL, with every task that was accepted, and never twice at once",
  { timeout: 600_000 },
  async () => {
    const random = new Random("embedded-sigkill");
    await using cluster = await startEmbeddedCluster();
    const client = cluster.client();
    const kills = load(30, 3);
    const tasks = load(3_000);
    const share = Math.floor(tasks / kills);
    let [opened, refused, early, killedAt, slowestMs] = [0, 0, 0, 0, 0];
    let enqueued: Promise<unknown> = Promise.resolve();
    for (let kill = 1; kill <= kills; kill += 1) {
      // Some die while they still open the folder: the recovery from one kill is cut short by the
      // next.
      if (random.next() < 0.3) {
        const unborn = await cluster.begin();
        await random.pause(100, 1_200);
        unborn.kill("SIGKILL");
        await unborn.exited;
        early += 1;
      }
      const startedAt = performance.now();
      const process_ = await cluster.up();
      opened += 1;
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      enqueued = Promise.all([enqueued, client.enqueue(share, { args: { ms: 20 } }, random.between(1, 20))]);
      if (LONG ? kill % 3 === 0 : kill <= 2) {
        const intruder = await cluster.intrude();
        expect(intruder).toMatchObject({ code: 75, signal: null });
        expect(intruder.said).toContain(`${cluster.folder} is in use by process ${process_.pid} since `);
        expect(intruder.said).toContain("set DATABASE_URL and REDIS_URL");
        refused += 1;
      }
      await vi.waitFor(
        async () =>
          expect((await cluster.history.begins()).some((line) => line.pid === process_.pid)).toBe(true),
        { timeout: 60_000, interval: 5 },
      );
      await random.pause(0, 300);
      process_.kill("SIGKILL");
      killedAt = Date.now();
      await process_.exited;
    }
    const last = await cluster.up();
    opened += 1;
    await enqueued;
    await client.enqueue(tasks - share * kills, { args: { ms: 20 } });
    await allDone(client);
    const resumedMs = await cluster.history.resumedAfter(killedAt);
    last.kill("SIGTERM");
    expect((await last.exited).code).toBe(0);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: EMBEDDED_SLOTS * (kills + early) });
    expect(opened).toBe(kills + 1);
    report({
      test: "embedded-sigkill",
      fault: `${kills} SIGKILLs of the one process, ${early} more while it opened`,
      tasks,
      lost: 0,
      doubled,
      resumedMs,
      note: `opened ${opened}/${kills + 1}, at most in ${Math.round(slowestMs)} ms; second opener refused ${refused}/${refused}`,
    });
  },
);

/** By the API: while the process runs, nobody else can ask the database. */
async function allDone(client: Client): Promise<void> {
  const document = "{ tasks(filter: { states: [SUCCESS] }) { totalCount } }";
  await vi.waitFor(
    async () =>
      expect((await client.query<{ tasks: { totalCount: number } }>(document)).tasks.totalCount).toBe(
        client.accepted.size,
      ),
    { timeout: 120_000, interval: 200 },
  );
}
