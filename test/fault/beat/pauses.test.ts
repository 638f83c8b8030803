import { expect, test, vi } from "vitest";
import { load, LONG, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { addSchedules, isSound, readBook, standStill, upToDate } from "../support/slot-book.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

/** How late the latest task was: from its slot to its row. */
async function latestMs({ checker }: Cluster): Promise<number> {
  const [row] = await checker.query<{ ms: number }>(
    "select (extract(epoch from max(created_at - slot)) * 1000)::int as ms from lovage.task where slot is not null",
  );
  return row!.ms;
}

test(
  "three beats, one of them paused again and again: each slot is one task or one note",
  { timeout: 900_000 },
  async () => {
    const random = new Random("beat-two-leaders");
    await using cluster = await startCluster();
    const beats = await Promise.all([cluster.beat(), cluster.beat(), cluster.beat()]);
    // One statement each, so that slots come all the time and a pause may hit a beat at anything it
    // does.
    for (let pair = 1; pair <= 10; pair += 1) {
      await addSchedules(cluster, 1, "1s", "FIRE_ONCE", `once ${pair}`);
      await addSchedules(cluster, 1, "1s", "CATCH_UP", `all ${pair}`);
      await random.pause(0, 150);
    }
    const rounds = load(200, 20);
    for (let round = 0; round < rounds; round += 1) {
      const paused = random.pick(beats);
      paused.kill("SIGSTOP");
      await random.pause(50, LONG ? 3_000 : 600);
      paused.kill("SIGCONT");
      await random.pause(0, 200);
    }
    await upToDate(cluster);
    await standStill(cluster);
    const book = await readBook(cluster);
    const slots = isSound(book);
    expect(beats.map((beat) => beat.running)).toEqual([true, true, true]);
    const skipped = slots - book.reduce((sum, { fired }) => sum + fired.length, 0);
    report({
      test: "beat-two-leaders",
      fault: `one of 3 beats paused, ${rounds} times`,
      ...{ tasks: slots, lost: 0, doubled: 0, resumedMs: null },
      note: `${skipped} slots noted as missed; the latest task ${await latestMs(cluster)} ms after its slot`,
    });
  },
);

test(
  "a beat that is suspended while it holds schedules loses them to the others, and takes part again",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    const others = [await cluster.beat()];
    await addSchedules(cluster, 10, "1s", "FIRE_ONCE");
    await addSchedules(cluster, 10, "1s", "CATCH_UP");
    await upToDate(cluster);
    const halted = await cluster.beat({ failpoint: "beat.taken:halt@2", ready: false });
    await halted.waitForLine(/failpoint beat.taken: halt/);
    const haltedAt = Date.now();
    others.push(await cluster.beat());
    const held = await cluster.checker.query<{ id: string; slot: string }>(
      `with free as (select id from lovage.schedule for update skip locked)
       select id, next_slot::text as slot from lovage.schedule where id not in (select id from free)`,
    );
    expect(held.length).toBeGreaterThan(0);
    await vi.waitFor(
      async () => {
        const still = await cluster.checker.query(
          "select name from lovage.schedule s join unnest($1::uuid[], $2::timestamptz[]) h (id, slot) on s.id = h.id and s.decided_until < h.slot",
          [held.map(({ id }) => id), held.map(({ slot }) => slot)],
        );
        expect(still, "schedules that the suspended beat holds").toEqual([]);
      },
      // Well below the 30 s after which PostgreSQL ends any session of Lovage that is idle within a
      // transaction.
      { timeout: 15_000, interval: 50 },
    );
    const resumedMs = Date.now() - haltedAt;
    await upToDate(cluster);
    halted.kill("SIGCONT");
    for (const other of others) {
      other.kill("SIGTERM");
      expect((await other.exited).code).toBe(0);
    }
    await upToDate(cluster);
    await standStill(cluster);
    const slots = isSound(await readBook(cluster));
    expect(halted.running).toBe(true);
    report({
      test: "beat-suspended-with-locks",
      fault: `SIGSTOP of a beat that holds ${held.length} schedules`,
      ...{ tasks: slots, lost: 0, doubled: 0, resumedMs },
      note: "PostgreSQL ends its transaction after 5 s",
    });
  },
);
