import { expect, test, vi } from "vitest";
import { report } from "../support/load.ts";
import { addSchedules, isSound, type Page, readBook, standStill, upToDate } from "../support/slot-book.ts";
import { stepClock, withSteppedClock } from "../support/stepped-clock.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const POLICIES = ["SKIP", "FIRE_ONCE", "CATCH_UP"] as const;

test(
  "beats that were away for ten minutes: none, one or ten tasks, by the policy, and all that was missed is noted",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster({ databaseUrl: withSteppedClock });
    for (const misfire of POLICIES) await addSchedules(cluster, 1, "1m", misfire);
    const before = await cluster.beat();
    await upToDate(cluster);
    before.kill("SIGTERM");
    expect((await before.exited).code).toBe(0);
    // So that the tenth slot is longer ago than SKIP forgives, and the eleventh half a minute ahead.
    await stepClock(cluster, 10 * MINUTE + 30 * SECOND - (await age(cluster)));
    await cluster.beat();
    await upToDate(cluster);
    await standStill(cluster);
    const book = await readBook(cluster);
    const slots = isSound(book);
    const counts = ({ slots, fired, skips }: Page): object => ({
      ...{ slots, fired: fired.length },
      noted: skips.map(({ count, reason }) => [count, reason]),
    });
    expect(Object.fromEntries(book.map((page) => [page.name, counts(page)]))).toEqual({
      "SKIP 1m 1": { slots: 10, fired: 0, noted: [[10, "MISFIRED"]] },
      "FIRE_ONCE 1m 1": { slots: 10, fired: 1, noted: [[9, "MISFIRED"]] },
      "CATCH_UP 1m 1": { slots: 10, fired: 10, noted: [] },
    });
    await cluster.server();
    await cluster.worker();
    await cluster.checker.allFinal(new Set());
    await cluster.checker.successesRan();
    await cluster.checker.isAtRest();
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: 11 });
    report({
      test: "beat-outage-misfire",
      fault: "no beat for ten minutes (by the database's clock), 3 policies",
      ...{ tasks: slots, lost: 0, doubled: await cluster.checker.doubledAtMost(0), resumedMs: null },
      note: "SKIP 0, FIRE_ONCE 1, CATCH_UP 10 tasks; the other 19 slots noted",
    });
  },
);

test.for([
  ["forwards, and back", [HOUR, -HOUR, HOUR]],
  ["back, and forwards", [-HOUR, HOUR]],
] as const)(
  "a clock that is set by an hour, %s: no slot is forgotten, none comes twice",
  { timeout: 120_000 },
  async ([order, steps]) => {
    await using cluster = await startCluster({ databaseUrl: withSteppedClock });
    await Promise.all([cluster.beat(), cluster.beat()]);
    for (const misfire of POLICIES) {
      await addSchedules(cluster, 2, "1s", misfire);
      await addSchedules(cluster, 2, "1m", misfire);
    }
    await firstTask(cluster, "CATCH_UP 1s 1");
    for (const [index, step] of steps.entries()) {
      await stepClock(cluster, step);
      // One that is made now shows that beats go by the clock of now.
      await addSchedules(cluster, 1, "1s", "CATCH_UP", `after step ${index}`);
      await firstTask(cluster, `after step ${index} 1`);
      if (step > 0) await upToDate(cluster);
      else await nothingIsAhead(cluster, index);
    }
    await standStill(cluster);
    const book = await readBook(cluster);
    const slots = isSound(book);
    const tasks = book.reduce((sum, { fired }) => sum + fired.length, 0);
    report({
      test: `beat-clock-steps, ${order}`,
      fault: `the database's clock is set by an hour, ${steps.length} times`,
      ...{ tasks: slots, lost: 0, doubled: 0, resumedMs: null },
      note: `${tasks} slots gave a task, the others are noted as missed`,
    });
  },
);

/** Milliseconds since the first schedule was made, by the database's clock. */
async function age({ checker }: Cluster): Promise<number> {
  const [row] = await checker.query<{ ms: number }>(
    "select (extract(epoch from clock_timestamp() - min(created_at)) * 1000)::int as ms from lovage.schedule",
  );
  return row!.ms;
}

async function firstTask(cluster: Cluster, schedule: string): Promise<void> {
  const done = async (): Promise<void> => {
    const rows = await cluster.checker.query("select id from lovage.task where schedule_name = $1", [
      schedule,
    ]);
    expect(rows, `tasks of ${schedule}`).not.toEqual([]);
  };
  await vi.waitFor(done, { timeout: 20_000, interval: 50 });
}

/**
 * The clock was set back an hour and some seconds have passed. Nothing was decided about that is
 * further ahead than the clock had been before; and what was decided about before is not again: the
 * next slot of older schedules is an hour away.
 */
async function nothingIsAhead(cluster: Cluster, step: number): Promise<void> {
  const [row] = await cluster.checker.query<{ soon: number }>(
    `select (extract(epoch from min(next_slot) - clock_timestamp()) * 1000)::float8 as soon
       from lovage.schedule where name <> $1 and name not like $2`,
    [`after step ${step} 1`, `after step ${step} %`],
  );
  expect(row!.soon, "milliseconds to the next slot of an older schedule").toBeGreaterThan(HOUR - MINUTE);
}
