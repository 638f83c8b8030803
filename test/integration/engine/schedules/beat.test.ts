import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MINUTE, SECOND } from "../../../../src/lib/clock.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import { DATABASES } from "../../../support/databases.ts";
import { after, openScheduleParts, type ScheduleParts, tick } from "../../../support/schedules.ts";

describe.each(DATABASES)("beat, $kind", (place) => {
  let parts: ScheduleParts;
  beforeAll(async () => void (parts = await openScheduleParts([tick], place)));
  afterAll(() => parts[Symbol.asyncDispose]());
  beforeEach(() => parts.clear());

  describe("a slot", () => {
    test("gives one task at its time, with the definition's defaults, and the schedule moves on", async () => {
      const made = await parts.create({ args: { text: "hello" } });
      await parts.beat.beat(after(made.createdAt, MINUTE - 1));
      expect(await parts.tasksOf(made)).toEqual([]);
      await parts.events();

      await parts.beat.beat(after(made.createdAt, MINUTE));
      const [task, ...others] = await parts.tasksOf(made);
      expect(others).toEqual([]);
      expect(task).toMatchObject({
        name: "clock.tick",
        state: "QUEUED",
        queue: "clock",
        tags: ["ticking"],
        maxAttempts: 7,
        input: { text: "hello" },
        scheduleId: made.id,
        scheduleName: "every minute",
        slot: after(made.createdAt, MINUTE),
      });
      expect(await parts.schedule(made.name)).toMatchObject({
        decidedUntil: task!.slot,
        nextSlot: after(made.createdAt, 2 * MINUTE),
        nextRunAt: after(made.createdAt, 2 * MINUTE),
        lastTaskId: task!.id,
        totalRunCount: 1,
        version: 1,
      });
      expect(await parts.events()).toEqual([`ENQUEUED ${task!.id}`, "FIRED every minute"]);
      expect(await parts.takeHints("clock")).toEqual([task!.id]);

      await parts.beat.beat(after(made.createdAt, MINUTE + 30 * SECOND));
      expect(await parts.slotsOf(made)).toHaveLength(1);
    });

    test("is one task, however many beats look at once", async () => {
      const made = await parts.create({ misfire: "CATCH_UP" });
      const at = after(made.createdAt, 10 * MINUTE);
      await Promise.all([parts.beat, parts.makeBeat(), parts.makeBeat()].map((beat) => beat.beat(at)));
      expect(await parts.slotsOf(made)).toEqual(
        Array.from({ length: 10 }, (_, i) => after(made.createdAt, (i + 1) * MINUTE)),
      );
    });

    test("that was decided already gives no second task, even if the row is moved back by hand", async () => {
      const made = await parts.create();
      const at = after(made.createdAt, MINUTE);
      await parts.beat.beat(at);
      await parts.sql.run(
        "update lovage.schedule set decided_until = created_at, next_slot = null, next_run_at = $1",
        [at],
      );
      await parts.beat.beat(at);
      expect(await parts.slotsOf(made)).toEqual([at]);
      expect(await parts.skipsOf(made)).toEqual([
        { firstSlot: at, lastSlot: at, count: 1, reason: "DUPLICATE" },
      ]);
    });
  });

  describe("bounds", () => {
    test("startAt is the first slot of an interval; endAt is the last possible slot", async () => {
      const startAt = new Date(Date.now() + 10 * MINUTE);
      const endAt = after(startAt, 2 * MINUTE);
      const made = await parts.create({ startAt, endAt, misfire: "CATCH_UP" });
      await parts.beat.beat(after(startAt, -1));
      expect(await parts.slotsOf(made)).toEqual([]);
      await parts.beat.beat(after(endAt, 10 * MINUTE));
      expect(await parts.slotsOf(made)).toEqual([startAt, after(startAt, MINUTE), endAt]);
      expect(await parts.schedule(made.name)).toMatchObject({
        nextSlot: null,
        nextRunAt: null,
        enabled: true,
      });
    });

    test("maxRuns ends it; with a larger value it continues where it ended", async () => {
      const made = await parts.create({ maxRuns: 3, misfire: "CATCH_UP" });
      const minutes = (count: number): Date[] =>
        Array.from({ length: count }, (_, index) => after(made.createdAt, (index + 1) * MINUTE));
      await parts.beat.beat(after(made.createdAt, 2 * MINUTE));
      await parts.beat.beat(after(made.createdAt, 10 * MINUTE));
      expect(await parts.slotsOf(made)).toEqual(minutes(3));
      expect(await parts.schedule(made.name)).toMatchObject({
        ...{ totalRunCount: 3, nextSlot: null, nextRunAt: null },
        decidedUntil: after(made.createdAt, 3 * MINUTE),
      });
      await parts.control.update(made.id, null, { maxRuns: 5 });
      await parts.beat.beat(after(made.createdAt, 10 * MINUTE));
      expect(await parts.slotsOf(made)).toEqual(minutes(5));
      expect(await parts.skipsOf(made)).toEqual([]);
    });

    test("jitter delays tasks, and neither merges nor loses slots", async () => {
      const made = await parts.create({
        jitter: "30s",
        timing: { interval: { every: "10s" } },
        misfire: "FIRE_ONCE",
      });
      for (let second = 0; second <= 300; second += 1)
        await parts.beat.beat(after(made.createdAt, second * SECOND));
      const fired = await parts.slotsOf(made);
      const skipped = await parts.skipsOf(made);
      const accounted = fired.length + skipped.reduce((sum, { count }) => sum + count!, 0);
      expect(accounted).toBeGreaterThanOrEqual(27);
      expect(fired.length).toBeGreaterThan(9);
    });
  });

  test("args hold the slot, the run before and the schedule's name", async () => {
    const args = { text: "{{name}} at {{slot}} after {{lastRunAt}} {{other}}" };
    const made = await parts.create({ args, misfire: "CATCH_UP" });
    await parts.beat.beat(after(made.createdAt, 2 * MINUTE));
    const [one, two] = [1, 2].map((minute) => after(made.createdAt, minute * MINUTE).toISOString());
    expect((await parts.tasksOf(made)).map(({ input }) => input)).toEqual([
      { text: `every minute at ${one} after  {{other}}` },
      { text: `every minute at ${two} after ${one} {{other}}` },
    ]);
  });

  describe("a row that was changed by plain SQL", () => {
    test("is planned again: another timing counts from the change", async () => {
      const made = await parts.create();
      await parts.beat.beat();
      await parts.sql.run(
        `update lovage.schedule set timing = '{"interval": {"every": "2s"}}' where id = $1`,
        [made.id],
      );
      const changed = await parts.schedule(made.name);
      expect(changed).toMatchObject({
        version: 2,
        nextSlot: null,
        timing: { kind: "interval", everyMs: 2_000 },
      });
      await parts.beat.beat();
      const planned = await parts.schedule(made.name);
      expect(planned.nextSlot!.getTime() - changed.updatedAt.getTime()).toBeLessThanOrEqual(2_000);
    });

    describe("while slots were due that no beat had decided", () => {
      /** A schedule for each second that no beat has seen for so long. */
      async function unseenFor(seconds: number): Promise<{ readonly id: string; readonly begin: Date }> {
        const { id } = await parts.create({ timing: { interval: { every: "1s" } } });
        const begin = new Date(Date.now() - seconds * SECOND - 500);
        await parts.sql.run(
          "update lovage.schedule set created_at = $2, decided_until = $2, next_slot = null where id = $1",
          [id, begin],
        );
        return { id, begin };
      }
      const missed = (begin: Date, first: number, last: number) => ({
        firstSlot: after(begin, first * SECOND),
        lastSlot: after(begin, last * SECOND),
        count: last - first + 1,
        reason: "MISFIRED",
      });

      test("records those slots as missed, for each timing", async () => {
        const { id, begin } = await unseenFor(5);
        await parts.sql.run(
          `update lovage.schedule set timing = '{"interval": {"every": "1h"}}' where id = $1`,
          [id],
        );
        // The second timing is replaced before a beat has seen it, and had no slot.
        await parts.sql.run("update lovage.schedule set time_zone = 'Asia/Shanghai' where id = $1", [id]);
        await parts.beat.beat();
        expect(await parts.slotsOf({ id })).toEqual([]);
        expect(await parts.skipsOf({ id })).toEqual([missed(begin, 1, 5)]);
        await parts.beat.beat();
        expect(await parts.skipsOf({ id })).toHaveLength(1);
      });

      test("the API notes them, too, and a new timing that cannot be used does not lose the note", async () => {
        const { id, begin } = await unseenFor(3);
        await parts.control.update(id, null, { timing: { crontab: "0 0 1 1 *" } });
        await parts.sql.run(`update lovage.schedule set timing = '{"every": 5}' where id = $1`, [id]);
        await parts.beat.beat();
        expect(await parts.skipsOf({ id })).toEqual([missed(begin, 1, 3)]);
      });

      test("records no slots after its end, and none while it was disabled", async () => {
        const { id, begin } = await unseenFor(5);
        await parts.sql.run("update lovage.schedule set end_at = $2 where id = $1", [
          id,
          after(begin, 2 * SECOND),
        ]);
        await parts.sql.run("update lovage.schedule set start_at = now() - interval '1 s' where id = $1", [
          id,
        ]);
        const disabled = await unseenForDisabled();
        await parts.beat.beat();
        expect(await parts.skipsOf({ id })).toEqual([missed(begin, 1, 2)]);
        expect(await parts.skipsOf({ id: disabled })).toEqual([]);
      });

      async function unseenForDisabled(): Promise<string> {
        const { id } = await parts.create({ name: "disabled", timing: { interval: { every: "1s" } } });
        await parts.sql.run("update lovage.schedule set enabled = false where id = $1", [id]);
        await parts.sql.run(
          "update lovage.schedule set created_at = now() - interval '5 s', decided_until = now() - interval '5 s' where id = $1",
          [id],
        );
        await parts.sql.run(
          `update lovage.schedule set enabled = true, timing = '{"interval": {"every": "1h"}}' where id = $1`,
          [id],
        );
        return id;
      }
    });

    test("and one that was inserted runs", async () => {
      const id = newId();
      await parts.sql.run(
        `insert into lovage.schedule (id, name, task_name, timing) values ($1, 'by hand', 'clock.tick', '{"crontab": "* * * * *"}')`,
        [id],
      );
      await parts.beat.beat(new Date(Date.now() + 61 * SECOND));
      expect(await parts.tasksOf({ id })).toHaveLength(1);
    });

    test.each([
      ["timing", `'{"crontab": "61 * * * *"}'`, /61/],
      ["timing", `'{"every": 5}'`, /timing: expected one of/],
      ["timing", `'{"crontab": "0 0 31 2 *"}'`, /no run in the next 10 years/],
      ["time_zone", "'Mars/Olympus'", /Mars\/Olympus/],
      ["options", `'{"queue": "no such queue!"}'`, /options.queue|queue must/],
    ])(
      "with an invalid value (%s = %s) is disabled with the reason, and the others continue",
      async (column, value, why) => {
        const made = await parts.create();
        const other = await parts.create({ name: "other" });
        await parts.sql.run(`update lovage.schedule set ${column} = ${value} where id = $1`, [made.id]);
        await parts.beat.beat(after(made.createdAt, 2 * MINUTE));
        const broken = await parts.schedule(made.name);
        expect(broken).toMatchObject({
          enabled: false,
          nextRunAt: null,
          problem: expect.stringMatching(why),
        });
        expect(await parts.slotsOf(other)).toHaveLength(1);
        await parts.control.update(made.id, null, {
          timing: { interval: { every: "1m" } },
          timeZone: "UTC",
          options: {},
          enabled: true,
        });
        expect(await parts.schedule(made.name)).toMatchObject({ enabled: true, problem: null });
      },
    );
  });
});
