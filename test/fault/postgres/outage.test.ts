import { expect, test, vi } from "vitest";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/** Several times as long as a worker may be silent. */
const OUTAGE_MS = LONG ? 60_000 : 8_000;
const TASK_MS = LONG ? 10_000 : 2_000;
const LINES_PER_MINUTE = 20;

test(
  "tasks that ran while PostgreSQL was away are recorded when it is back, once, by the worker that ran them, and nothing runs again",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-outage-60s");
    await using cluster = await startCluster({ postgres: true });
    const server = await cluster.server();
    const tasks = load(500, 60);
    const concurrency = tasks / 4;
    await Promise.all([cluster.worker({ concurrency }), cluster.worker({ concurrency })]);
    const client = cluster.client();
    const some = (count: number) =>
      Array.from({ length: count }, () => ({ args: { ms: random.between(TASK_MS / 2, TASK_MS * 1.5) } }));
    await client.send(some(tasks - 10));
    await vi.waitFor(async () => expect((await cluster.history.open()).length).toBe(tasks / 2), 20_000);
    await random.pause(0, TASK_MS);

    const away = performance.now();
    await cluster.postgres!.stop("fast");
    const late = client.send(some(10));
    await vi.waitFor(async () => expect(await cluster.history.open()).toEqual([]), 30_000);
    expect(await statusOf(cluster, "healthz")).toBe(200);
    expect(await statusOf(cluster, "readyz")).toBe(503);
    await vi.waitFor(() => expect(performance.now() - away).toBeGreaterThan(OUTAGE_MS), OUTAGE_MS + 5_000);
    const unrecorded = (await cluster.history.ends()).length;
    await cluster.postgres!.start();
    const backAt = Date.now();

    await late;
    const resumedMs = await cluster.history.resumedAfter(backAt);
    const doubled = await allIsWell(cluster, client, { tasks, doubled: 0 });
    await nobodyFell(cluster);
    // No attempt was charged to anyone, and each result is that of the process which ran the task.
    expect(
      await cluster.checker.query("select id from lovage.task where attempt <> 1 or crash_count <> 0"),
    ).toEqual([]);
    await resultsAreTheirOwn(cluster);
    expect(client.refusals).not.toEqual([]);
    onlyToTryAgain(client);
    expect(server.running).toBe(true);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-outage-60s",
      fault: `PostgreSQL away for ${OUTAGE_MS / 1_000} s`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `${unrecorded} had ended by its return; at most ${lines} log lines a minute`,
    });
  },
);

async function statusOf(cluster: Cluster, path: string): Promise<number> {
  const { status } = await fetch(`${cluster.client().url()}/${path}`);
  return status;
}

async function resultsAreTheirOwn(cluster: Cluster): Promise<void> {
  const rows = await cluster.checker.query<{ id: string; output: number }>(
    "select id, output from lovage.task",
  );
  const ran = new Map((await cluster.history.ends()).map(({ id, pid }) => [id, pid]));
  expect(rows.filter(({ id, output }) => ran.get(id) !== output)).toEqual([]);
}
