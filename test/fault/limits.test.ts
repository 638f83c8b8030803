import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { Fleet } from "./support/fleet.ts";
import { LONG, report } from "./support/load.ts";
import { startCluster, type Cluster } from "./support/cluster.ts";

const TASKS = [fileURLToPath(new URL("./tasks/limits.tasks.ts", import.meta.url))];
const RATE = 50;
const SECONDS = LONG ? 60 : 10;

/** When the tasks of a definition started, in milliseconds, by the database's clock. */
async function startsOf(cluster: Cluster, name: string): Promise<number[]> {
  const rows = await cluster.checker.query<{ at: number }>(
    `select (extract(epoch from started_at) * 1000)::float8 as at from lovage.task
      where name = $1 and started_at is not null order by started_at`,
    [name],
  );
  return rows.map(({ at }) => at);
}

test(
  "four workers together start no more in any second than the rate allows, and hardly fewer",
  { timeout: 180_000 },
  async () => {
    await using cluster = await startCluster({ tasks: TASKS });
    await cluster.server();
    await using _fleet = await new Fleet(cluster, 4, { concurrency: 16 }).start();
    await cluster.client().enqueue(RATE * (SECONDS + 5), { name: "fault.rated" });
    const since = async (): Promise<number[]> => {
      const all = await startsOf(cluster, "fault.rated");
      return all.filter((at) => at < all[0]! + SECONDS * 1_000);
    };
    await vi.waitFor(
      async () => {
        const all = await startsOf(cluster, "fault.rated");
        expect(all.at(-1)! - all[0]!).toBeGreaterThan(SECONDS * 1_000);
      },
      { timeout: (SECONDS + 60) * 1_000, interval: 250 },
    );
    const starts = await since();
    for (let index = RATE; index < starts.length; index += 1)
      expect(starts[index]! - starts[index - RATE]!).toBeGreaterThanOrEqual(1_000);
    const expected = RATE * SECONDS;
    expect(starts.length).toBeLessThanOrEqual(expected);
    // Exact within 2 %; and the last burst may just have missed the end.
    expect(starts.length).toBeGreaterThanOrEqual(expected * 0.98 - RATE);
    report({
      ...{
        test: "rate-four-workers",
        fault: "none",
        tasks: starts.length,
        lost: 0,
        doubled: 0,
        resumedMs: null,
      },
      note: `${starts.length} of ${expected} possible starts in ${SECONDS} s`,
    });
  },
);

test(
  "a worker that is killed holds its limit slots only until its tasks are rescued",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster({ tasks: TASKS });
    await cluster.server();
    const first = await cluster.worker({ concurrency: 8 });
    const client = cluster.client();
    const ids = await client.enqueue(3, { name: "fault.narrow", args: { ms: 60_000 } });
    await client.enqueue(5, { name: "fault.narrow", args: { ms: 10 } });
    await vi.waitFor(async () => expect(await cluster.history.open(first.pid)).toHaveLength(3), {
      timeout: 30_000,
    });
    const second = await cluster.worker({ concurrency: 8 });
    first.kill("SIGKILL");
    // Those that it held are the oldest, and hold all places again.
    await vi.waitFor(async () => expect(await cluster.history.open(second.pid)).toHaveLength(3), {
      timeout: 30_000,
    });
    await cluster.checker.query(
      "update lovage.task set cancel_requested_at = now() where id = any($1::uuid[])",
      [ids],
    );
    await vi.waitFor(
      async () => {
        const [row] = await cluster.checker.query<{ done: number }>(
          "select count(*)::int as done from lovage.task where state = 'SUCCESS'",
        );
        expect(row!.done).toBe(5);
      },
      { timeout: 30_000 },
    );
  },
);

test(
  "tasks that wait for a rate cost no polling, and delay no other task of their queue",
  { timeout: 180_000 },
  async () => {
    await using cluster = await startCluster({ tasks: TASKS, redis: {} });
    await cluster.server();
    await cluster.worker({ concurrency: 8 });
    const client = cluster.client();
    await client.enqueue(10, { name: "fault.seldom" });
    await vi.waitFor(async () => expect(await startsOf(cluster, "fault.seldom")).toHaveLength(2), {
      timeout: 30_000,
    });
    const few = await workIn(cluster, 6_000);
    await client.enqueue(10_000, { name: "fault.seldom" }, 1_000);
    const plain = await client.enqueue(200, { name: "fault.note" });
    await vi.waitFor(
      async () => {
        const rows = await cluster.checker.query(
          "select 1 from lovage.task where id = any($1::uuid[]) and state = 'SUCCESS'",
          [plain],
        );
        expect(rows).toHaveLength(200);
      },
      { timeout: 30_000 },
    );
    // The work of those 200 ends a moment after them.
    await vi.waitFor(
      async () => expect((await workIn(cluster, 500)).redis).toBeLessThan(few.redis / 12 + 100),
      { timeout: 30_000 },
    );
    const many = await workIn(cluster, 6_000);
    report({
      ...{ test: "rate-waiting", fault: "none", tasks: 10_000, lost: 0, doubled: 0, resumedMs: null },
      note: `in 6 s ${few.redis} commands and ${few.database} transactions with 10 waiting, ${many.redis} and ${many.database} with 10,000`,
    });
    expect(many.redis).toBeLessThan(few.redis * 1.5 + 100);
    expect(many.database).toBeLessThan(few.database * 1.5 + 100);
    expect(await startsOf(cluster, "fault.seldom")).toHaveLength(2);
  },
);

/**
 * Commands that Redis did and transactions that PostgreSQL committed within some time: the time is
 * what is measured.
 */
async function workIn(
  cluster: Cluster,
  ms: number,
): Promise<{ readonly redis: number; readonly database: number }> {
  const read = async (): Promise<readonly [number, number]> => {
    const [, commands] = /total_commands_processed:(\d+)/.exec(await cluster.admin.info("stats"))!;
    const [row] = await cluster.checker.query<{ count: number }>(
      "select xact_commit::int as count from pg_stat_database where datname = current_database()",
    );
    return [Number(commands), row!.count];
  };
  const before = await read();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await read();
  return { redis: after[0] - before[0], database: after[1] - before[1] };
}
