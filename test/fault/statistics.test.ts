import { expect, test, vi } from "vitest";
import { fullCount } from "../support/stat-count.ts";
import { Fleet } from "./support/fleet.ts";
import type { Client, NewTask } from "./support/client.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { startCluster } from "./support/cluster.ts";
import { fileURLToPath } from "node:url";

const TASKS = LONG ? 50_000 : 3_000;
const WORKERS = 4;
const BATCH = 250;
/** How many of each hundred. */
const MIX = { well: 70, badly: 8, late: 10, transacted: 4, snoozed: 8 } as const;

function* mixed(count: number): Generator<NewTask, void> {
  const ends = Object.entries(MIX).flatMap(([end, share]) => Array.from({ length: share }, () => end));
  for (let id = 0; id < count; id += 1) {
    // 37 has no factor in common with 100: every hundred has the mix, in an order of its own.
    const args = { end: ends[(id * 37) % ends.length], id };
    yield { name: id % 3 === 0 ? "stat.two" : "stat.one", args };
  }
}

async function enqueueMixed(client: Client, count: number): Promise<void> {
  for (const tasks of chunks([...mixed(count)], BATCH)) await client.send(tasks);
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/**
 * What people do to tasks: waiting and running ones are cancelled, a queue is purged, some wait too
 * long.
 */
async function meddle(client: Client, count: number): Promise<void> {
  const many = (task: NewTask): NewTask[] => Array.from({ length: count }, () => task);
  const args = { end: "well", id: 1 };
  await client.send(many({ name: "stat.one", args, options: { queue: "nobody", expiresIn: "1s" } }));
  await client.send(many({ name: "stat.two", args, options: { queue: "to-purge" } }));
  const waiting = await client.send(many({ name: "stat.one", args, options: { delay: "1h" } }));
  // First of all, however many wait.
  const slow = { name: "stat.one", args: { end: "slowly", id: 1 }, options: { priority: "CRITICAL" } };
  const running = await client.send(many(slow).slice(0, 8));
  const revoke = `mutation ($ids: [ID!]!) { revokeTasks(input: { select: { ids: $ids }, terminate: true }) { affectedCount } }`;
  await client.query(revoke, { ids: waiting });
  await vi.waitFor(
    async () => {
      const document = `query ($ids: [ID!]) { tasks(filter: { ids: $ids, states: [STARTED] }) { totalCount } }`;
      const { tasks } = await client.query<{ tasks: { totalCount: number } }>(document, { ids: running });
      expect(tasks.totalCount).toBe(running.length);
    },
    { timeout: 120_000, interval: 100 },
  );
  await client.query(revoke, { ids: running });
  await client.query(
    `mutation { purgeQueue(input: { name: "to-purge", confirm: "to-purge" }) { affectedCount } }`,
  );
}

test(
  "statistics equal a full count of the table, whichever processes were killed meanwhile",
  { timeout: 900_000 },
  async () => {
    const random = new Random("statistics");
    const tasks = [fileURLToPath(new URL("./tasks/statistics.tasks.ts", import.meta.url))];
    await using cluster = await startCluster({ postgres: true, tasks });
    await cluster.server();
    await using fleet = await new Fleet(cluster, WORKERS, { concurrency: 16 }).start();
    const client = cluster.client({ giveUpAfterMs: 300_000 });
    const enqueued = enqueueMixed(client, TASKS);
    enqueued.catch(() => undefined); // Awaited below, after the faults.
    for (let crash = 0; crash < load(4, 2); crash += 1) {
      await random.pause(500, 1_500);
      await cluster.postgres!.stop("immediate");
      await random.pause(50, 500);
      await cluster.postgres!.start();
    }
    const kills = load(20, 5);
    const killing = (async (): Promise<void> => {
      for (let kill = 0; kill < kills; kill += 1) {
        await random.pause(100, 600);
        if (fleet.alive.length > 0) await fleet.kill(random.pick(fleet.alive));
      }
    })();
    await client.send([{ name: "fault.pill", args: { by: "abort" } }]);
    await Promise.all([enqueued, killing]);
    await meddle(client, load(500));
    await cluster.checker.allFinal(client.accepted, 600_000);
    await cluster.checker.transitionsAreSound();

    const count = await fullCount({ run: (text) => cluster.checker.query(text) });
    expect(count.stats).toEqual(count.rows);
    const outcomes = count.rows.outcomes as { outcome: string; count: number }[];
    const total = (...wanted: string[]): number =>
      outcomes.filter(({ outcome }) => wanted.includes(outcome)).reduce((sum, one) => sum + one.count, 0);
    expect(total("SUCCESS", "FAILURE", "REVOKED", "EXPIRED")).toBe(client.accepted.size);
    for (const outcome of ["SUCCESS", "FAILURE", "REVOKED", "EXPIRED", "RETRY"])
      expect(total(outcome)).toBeGreaterThan(0);

    const { overview, failureGroups } = await client.query<Told>(`{
      overview { stats(window: LAST_HOUR) { counts { success failure revoked expired } retried succeeded { value } } }
      failureGroups { name count type sample { state } } }`);
    const { counts, retried, succeeded } = overview.stats;
    expect({ ...counts, retried }).toEqual({
      ...{ success: total("SUCCESS"), failure: total("FAILURE"), revoked: total("REVOKED") },
      ...{ expired: total("EXPIRED"), retried: total("RETRY") },
    });
    expect(succeeded.reduce((sum, { value }) => sum + value, 0)).toBe(counts.success);
    expect(failureGroups.reduce((sum, group) => sum + group.count, 0)).toBe(counts.failure);
    // Equal failures are one group, however many users there are.
    expect(failureGroups.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(
      [
        "fault.pill WorkerLost",
        "stat.one FatalError",
        "stat.two FatalError",
        ...failureGroups
          .filter(({ type, name }) => type === "WorkerLost" && name !== "fault.pill")
          .map(({ name }) => `${name} WorkerLost`),
      ].sort(),
    );
    const [rows] = await cluster.checker.query<{ rows: number }>(
      "select count(*)::int as rows from lovage.task_stat",
    );
    report({
      test: "statistics",
      fault: `${load(4, 2)} crashes of PostgreSQL, ${kills} SIGKILLs of ${WORKERS} workers, a poison pill, cancels, purges`,
      tasks: client.accepted.size,
      lost: 0,
      doubled: 0,
      resumedMs: null,
      note: `every counter equals the count of the table: ${counts.success} succeeded, ${counts.failure} failed, ${counts.revoked} revoked, ${counts.expired} expired, ${retried} retried; ${rows!.rows} rows of statistics`,
    });
  },
);

interface Told {
  readonly overview: {
    readonly stats: {
      readonly counts: { success: number; failure: number; revoked: number; expired: number };
      readonly retried: number;
      readonly succeeded: readonly { readonly value: number }[];
    };
  };
  readonly failureGroups: readonly { readonly name: string; readonly type: string; readonly count: number }[];
}
