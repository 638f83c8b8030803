import { expect, test, vi } from "vitest";
import type { Client, NewTask } from "./support/client.ts";
import { Fleet } from "./support/fleet.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { startCluster, type Cluster } from "./support/cluster.ts";

const [WORKERS, SLOTS, MAX_CRASHES] = [4, 4, 3];
/** So little that who hoards memory soon dies of it. */
const HEAP = "--max-old-space-size=96";
/** So long that good tasks run beside pills until these have had their crashes. */
const LONGEST_MS = LONG ? 500 : 2_000;
const WAYS = ["memory", "segv", "abort"];

test(
  "tasks that kill their process fail after the third time, and no task that shared a process with them does",
  { timeout: 400_000 },
  async () => {
    const random = new Random("poison-pill");
    await using cluster = await startCluster();
    await cluster.server();
    await using fleet = await new Fleet(cluster, WORKERS, {
      concurrency: SLOTS,
      env: { NODE_OPTIONS: HEAP },
    }).start();
    const client = cluster.client();
    const [pills, good] = [load(5, 2), load(2_000)];
    const ways = random.shuffle(WAYS).slice(0, pills);
    const tasks = mixed(random, { pills, good, ways });
    for (let sent = 0; sent < tasks.length; sent += 100) await client.send(tasks.slice(sent, sent + 100));
    await cluster.checker.allFinal(client.accepted, 200_000);

    // The crashes charged to tasks that did nothing: without them this test would show nothing.
    const neighbours = await crashes(cluster, "fault.note");
    expect(neighbours.length).toBeGreaterThan(0);
    expect(await crashes(cluster, "fault.pill")).toEqual(Array.from({ length: pills }, () => MAX_CRASHES));
    expect(await outcomes(cluster)).toEqual([
      { name: "fault.note", state: "SUCCESS", type: null, count: good },
      { name: "fault.pill", state: "FAILURE", type: "WorkerLost", count: pills },
    ]);
    expect(await companyAtTheEnd(cluster)).toEqual([]);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    expect(
      fleet.exits.filter(({ signal }) => signal === null),
      "workers that ended by themselves",
    ).toEqual([]);
    // A pill may take another one, which had not begun yet, with it.
    const deaths = fleet.exits.length;
    expect(deaths).toBeGreaterThanOrEqual(MAX_CRASHES);
    expect(deaths).toBeLessThanOrEqual(MAX_CRASHES * pills);
    const doubled = await cluster.checker.doubledAtMost(deaths * SLOTS);
    const restoredMs = await allWorkersTakePart(cluster, fleet, client);
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.isAtRest();
    const most = Math.max(...neighbours);
    const note = `${deaths} processes died; ${neighbours.length} good tasks had up to ${most} crashes; ${WORKERS} workers at work ${restoredMs} ms later`;
    const fault = `${pills} pills: ${ways.join(", ")}`;
    report({ test: "poison-pill", fault, tasks: pills + good, lost: 0, doubled, resumedMs: null, note });
  },
);

/** How many crashes each task of that name was charged, where any. */
async function crashes({ checker }: Cluster, name: string): Promise<number[]> {
  const rows = await checker.query<{ crash_count: number }>(
    "select crash_count from lovage.task where name = $1 and crash_count > 0",
    [name],
  );
  return rows.map((row) => row.crash_count);
}

/**
 * What ran beside a pill when it killed for the last time: had it been innocent, it would have been
 * failed for it sooner or later.
 */
async function companyAtTheEnd({ checker, history }: Cluster): Promise<string[]> {
  const pills = await checker.query<{ id: string }>("select id from lovage.task where name = 'fault.pill'");
  const company = pills.map(async ({ id }) => {
    const last = (await history.begins()).findLast((line) => line.id === id)!;
    const open = await history.open(last.pid);
    return open.filter((line) => line.id !== id).map((line) => `${line.id} beside ${id}`);
  });
  return (await Promise.all(company)).flat();
}

function outcomes({ checker }: Cluster): Promise<object[]> {
  return checker.query(
    `select name, state, error ->> 'type' as type, count(*)::int as count
       from lovage.task group by 1, 2, 3 order by 1, 2, 3`,
  );
}

/**
 * Enqueues until each worker of the fleet has begun a task; resolves with how long that took, in
 * milliseconds.
 */
async function allWorkersTakePart(cluster: Cluster, fleet: Fleet, client: Client): Promise<number> {
  const since = Date.now();
  await vi.waitFor(
    async () => {
      await client.enqueue(SLOTS, { args: { ms: 200 } });
      const pids = new Set(
        (await cluster.history.begins()).filter(({ at }) => at > since).map(({ pid }) => pid),
      );
      expect(fleet.alive.map(({ pid }) => pids.has(pid))).toEqual(
        Array.from({ length: WORKERS }, () => true),
      );
    },
    { timeout: 60_000, interval: 100 },
  );
  return Date.now() - since;
}

interface Mixture {
  readonly pills: number;
  readonly good: number;
  /** How the pills kill, in turn. */
  readonly ways: readonly string[];
}

/** Good tasks, each of another length, with the pills somewhere in the first half. */
function mixed(random: Random, { pills, good, ways }: Mixture): NewTask[] {
  const tasks: NewTask[] = Array.from({ length: good }, () => ({
    args: { ms: random.between(50, LONGEST_MS) },
  }));
  for (let pill = 0; pill < pills; pill += 1) {
    const args = { by: ways[pill % ways.length] };
    tasks.splice(random.between(0, good / 2), 0, { name: "fault.pill", args });
  }
  return tasks;
}
