import { expect, test, vi } from "vitest";
import { load, LONG, report } from "./load.ts";
import { Random } from "./random.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "./verdict.ts";
import { busiestMinute } from "./vitals.ts";
import { startWorld, type World } from "./world.ts";

/** Several times as long as a worker may be silent. */
const OUTAGE_MS = LONG ? 60_000 : 8_000;
const TASK_MS = LONG ? 10_000 : 2_000;
const LINES_PER_MINUTE = 20;

test(
  "what ran while PostgreSQL was away is recorded when it is back, once, by the worker that ran it, and nothing runs again",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-outage-60s");
    await using world = await startWorld({ postgres: true });
    const server = await world.server();
    const tasks = load(500, 60);
    const concurrency = tasks / 4;
    await Promise.all([world.worker({ concurrency }), world.worker({ concurrency })]);
    const client = world.client();
    const some = (count: number) =>
      Array.from({ length: count }, () => ({ args: { ms: random.between(TASK_MS / 2, TASK_MS * 1.5) } }));
    await client.send(some(tasks - 10));
    await vi.waitFor(async () => expect((await world.ledger.open()).length).toBe(tasks / 2), 20_000);
    await random.pause(0, TASK_MS);

    const away = performance.now();
    await world.postgres!.stop("fast");
    const late = client.send(some(10));
    await vi.waitFor(async () => expect(await world.ledger.open()).toEqual([]), 30_000);
    expect(await statusOf(world, "healthz")).toBe(200);
    expect(await statusOf(world, "readyz")).toBe(503);
    await vi.waitFor(() => expect(performance.now() - away).toBeGreaterThan(OUTAGE_MS), OUTAGE_MS + 5_000);
    const unrecorded = (await world.ledger.ends()).length;
    await world.postgres!.start();
    const backAt = Date.now();

    await late;
    const resumedMs = await world.ledger.resumedAfter(backAt);
    const doubled = await allIsWell(world, client, { tasks, doubled: 0 });
    await nobodyFell(world);
    // No attempt was charged to anyone, and each result is that of the process which ran the task.
    expect(
      await world.oracle.query("select id from lovage.task where attempt <> 1 or crash_count <> 0"),
    ).toEqual([]);
    await resultsAreTheirOwn(world);
    expect(client.refusals).not.toEqual([]);
    onlyToTryAgain(client);
    expect(server.running).toBe(true);
    const lines = Math.max(...world.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-outage-60s",
      fault: `PostgreSQL away for ${OUTAGE_MS / 1_000} s`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `${unrecorded} had ended by its return; at most ${lines} log lines a minute`,
    });
  },
);

async function statusOf(world: World, path: string): Promise<number> {
  const { status } = await fetch(`${world.client().url()}/${path}`);
  return status;
}

async function resultsAreTheirOwn(world: World): Promise<void> {
  const rows = await world.oracle.query<{ id: string; output: number }>("select id, output from lovage.task");
  const ran = new Map((await world.ledger.ends()).map(({ id, pid }) => [id, pid]));
  expect(rows.filter(({ id, output }) => ran.get(id) !== output)).toEqual([]);
}
