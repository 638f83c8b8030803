import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { MINUTE, SECOND } from "../../../src/lib/clock.ts";
import type { ClaimedTask } from "../../../src/store/task-store.ts";
import { defineTask } from "../../../src/task/definition.ts";
import type { ScheduleRecord } from "../../../src/task/schedule.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { DATABASES } from "../../support/databases.ts";
import { outcomeOf } from "../../support/engine-parts.ts";
import { openScheduleParts, type ScheduleParts } from "../../support/schedules.ts";

const tick = defineTask({
  name: "clock.tick",
  input: z.object({ text: z.string().default("tick") }),
  queue: "clock",
  tags: ["ticking"],
  retry: { maxAttempts: 7 },
  run: () => undefined,
});

describe.each(DATABASES)("beat, $kind", (place) => {
  let parts: ScheduleParts;
  beforeAll(async () => void (parts = await openScheduleParts([tick], place)));
  afterAll(() => parts[Symbol.asyncDispose]());
  beforeEach(async () => {
    await parts.sql.run("delete from lovage.task");
    await parts.sql.run("delete from lovage.schedule");
    await parts.events();
    await parts.takeHints("clock");
  });

  const slotsOf = async (schedule: ScheduleRecord): Promise<(Date | null)[]> =>
    (await parts.tasksOf(schedule)).map(({ slot }) => slot);
  const skipsOf = ({ id }: ScheduleRecord) => parts.stores.schedules.skipped(id, 100);
  const after = (time: Date, ms: number): Date => new Date(time.getTime() + ms);

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
      expect(await slotsOf(made)).toHaveLength(1);
    });

    test("is one task, however many beats look at once", async () => {
      const made = await parts.create({ misfire: "CATCH_UP" });
      const at = after(made.createdAt, 10 * MINUTE);
      await Promise.all([parts.beat, parts.makeBeat(), parts.makeBeat()].map((beat) => beat.beat(at)));
      expect(await slotsOf(made)).toEqual(
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
      expect(await slotsOf(made)).toEqual([at]);
      expect(await skipsOf(made)).toEqual([{ firstSlot: at, lastSlot: at, count: 1, reason: "DUPLICATE" }]);
    });
  });

  describe("a beat that was off for ten minutes", () => {
    const late = 10 * MINUTE + 30 * SECOND;
    test.each([
      ["SKIP", [], [1, 10, 10]],
      ["FIRE_ONCE", [10], [1, 9, 9]],
      ["CATCH_UP", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], null],
    ] as const)("%s", async (misfire, fired, missed) => {
      const made = await parts.create({ misfire });
      const minute = (count: number): Date => after(made.createdAt, count * MINUTE);
      await parts.beat.beat(after(made.createdAt, late));
      expect(await slotsOf(made)).toEqual(fired.map(minute));
      const note = missed && { firstSlot: minute(missed[0]), lastSlot: minute(missed[1]), count: missed[2] };
      expect(await skipsOf(made)).toEqual(note ? [{ ...note, reason: "MISFIRED" }] : []);
      expect(await parts.schedule(made.name)).toMatchObject({
        nextSlot: minute(11),
        decidedUntil: minute(10),
      });
    });

    test("SKIP fires a slot that it comes to a little late", async () => {
      const made = await parts.create({ misfire: "SKIP" });
      await parts.beat.beat(after(made.createdAt, 10 * MINUTE + 5 * SECOND));
      expect(await slotsOf(made)).toEqual([after(made.createdAt, 10 * MINUTE)]);
    });

    test("CATCH_UP makes good the last 100 slots of the last 7 days, and notes the others", async () => {
      const made = await parts.create({ misfire: "CATCH_UP", timing: { crontab: "* * * * * *" } });
      await parts.beat.beat(after(made.createdAt, 40 * MINUTE));
      expect(await slotsOf(made)).toHaveLength(100);
      expect(await skipsOf(made)).toMatchObject([{ count: null, reason: "MISFIRED" }]);
      const daily = await parts.create({
        name: "daily",
        misfire: "CATCH_UP",
        timing: { interval: { every: "1d" } },
      });
      await parts.beat.beat(after(daily.createdAt, 10 * 24 * 60 * MINUTE));
      expect(await slotsOf(daily)).toHaveLength(8);
      expect(await skipsOf(daily)).toMatchObject([{ count: 2, reason: "MISFIRED" }]);
    });

    test("a schedule that was disabled for a year of seconds costs no more than one look", async () => {
      const made = await parts.create({ timing: { crontab: "* * * * * *" }, enabled: false });
      const year = 366 * 24 * 60 * MINUTE;
      await parts.age(made, year);
      await parts.control.setEnabled([made.id], true);
      await parts.beat.beat(after(made.createdAt, MINUTE));
      expect(await slotsOf(made)).toHaveLength(1);
      expect(await skipsOf(made)).toHaveLength(2);
    });
  });

  describe("a task of the schedule that has not ended", () => {
    const worker = () => parts.register({ definitions: ["clock.tick"], queues: ["clock"] });
    const claim = async (id: string): Promise<ClaimedTask> => {
      const { id: workerId, name: workerName } = await worker();
      const [claimed] = await parts.stores.tasks.claim({
        taskIds: [id],
        workerId,
        workerName,
        names: ["clock.tick"],
      });
      return claimed!;
    };
    const finish = async (id: string): Promise<void> => {
      const claimed = await claim(id);
      await parts.stores.tasks.finish([outcomeOf(claimed, { kind: "succeeded", output: null })]);
    };

    test("ALLOW does not ask", async () => {
      const made = await parts.create({ overlap: "ALLOW" });
      for (const minute of [1, 2]) await parts.beat.beat(after(made.createdAt, minute * MINUTE));
      expect((await parts.tasksOf(made)).map(({ state }) => state)).toEqual(["QUEUED", "QUEUED"]);
    });

    test("SKIP leaves slots out until it has ended, and notes them as one", async () => {
      const made = await parts.create({ overlap: "SKIP" });
      const minute = (count: number): Date => after(made.createdAt, count * MINUTE);
      for (const count of [1, 2, 3]) await parts.beat.beat(minute(count));
      const [first] = await parts.tasksOf(made);
      expect(await skipsOf(made)).toEqual([
        { firstSlot: minute(2), lastSlot: minute(3), count: 2, reason: "OVERLAP" },
      ]);
      await finish(first!.id);
      await parts.beat.beat(minute(4));
      expect(await slotsOf(made)).toEqual([minute(1), minute(4)]);
    });

    test("QUEUE holds tasks, and lets them go one by one", async () => {
      const made = await parts.create({ overlap: "QUEUE" });
      for (const count of [1, 2, 3]) await parts.beat.beat(after(made.createdAt, count * MINUTE));
      const states = async (): Promise<string[]> => (await parts.tasksOf(made)).map(({ state }) => state);
      expect(await states()).toEqual(["QUEUED", "PENDING", "PENDING"]);
      const [first, second] = await parts.tasksOf(made);
      expect(await parts.takeHints("clock")).toEqual([first!.id]);
      await finish(first!.id);
      await parts.events();
      await parts.beat.beat(after(made.createdAt, 3 * MINUTE));
      expect(await states()).toEqual(["SUCCESS", "QUEUED", "PENDING"]);
      expect(await parts.events()).toEqual([`QUEUED ${second!.id}`]);
      expect(await parts.takeHints("clock")).toEqual([second!.id]);
    });

    test("CANCEL_PREVIOUS revokes one that waits, and asks one that runs to stop", async () => {
      const made = await parts.create({ overlap: "CANCEL_PREVIOUS" });
      await parts.beat.beat(after(made.createdAt, MINUTE));
      await parts.beat.beat(after(made.createdAt, 2 * MINUTE));
      const [first, second] = await parts.tasksOf(made);
      expect([first!.state, second!.state]).toEqual(["REVOKED", "QUEUED"]);
      expect(await claim(second!.id)).toMatchObject({
        schedule: { id: made.id, name: made.name, slot: second!.slot },
      });
      const cancels: string[] = [];
      parts.signals.subscribe((signal) => {
        if (signal.type === "cancel") cancels.push(...signal.taskIds);
      });
      await parts.beat.beat(after(made.createdAt, 3 * MINUTE));
      expect(await parts.read(second!.id)).toMatchObject({
        state: "STARTED",
        cancelRequestedAt: expect.any(Date),
      });
      expect(cancels).toEqual([second!.id]);
    });

    test("with the same uniqueKey, makes the slot a duplicate", async () => {
      const made = await parts.create({ options: { uniqueKey: "only one" } });
      for (const count of [1, 2]) await parts.beat.beat(after(made.createdAt, count * MINUTE));
      expect(await slotsOf(made)).toHaveLength(1);
      expect(await skipsOf(made)).toMatchObject([{ count: 1, reason: "DUPLICATE" }]);
    });
  });

  describe("bounds", () => {
    test("startAt is the first slot of an interval; endAt the last moment; then there is none", async () => {
      const startAt = new Date(Date.now() + 10 * MINUTE);
      const endAt = after(startAt, 2 * MINUTE);
      const made = await parts.create({ startAt, endAt, misfire: "CATCH_UP" });
      await parts.beat.beat(after(startAt, -1));
      expect(await slotsOf(made)).toEqual([]);
      await parts.beat.beat(after(endAt, 10 * MINUTE));
      expect(await slotsOf(made)).toEqual([startAt, after(startAt, MINUTE), endAt]);
      expect(await parts.schedule(made.name)).toMatchObject({
        nextSlot: null,
        nextRunAt: null,
        enabled: true,
      });
    });

    test("maxRuns", async () => {
      const made = await parts.create({ maxRuns: 3, misfire: "CATCH_UP" });
      await parts.beat.beat(after(made.createdAt, 2 * MINUTE));
      await parts.beat.beat(after(made.createdAt, 10 * MINUTE));
      expect(await slotsOf(made)).toHaveLength(3);
      expect(await parts.schedule(made.name)).toMatchObject({ totalRunCount: 3, nextRunAt: null });
    });

    test("jitter delays tasks, and neither merges nor loses slots", async () => {
      const made = await parts.create({
        jitter: "30s",
        timing: { interval: { every: "10s" } },
        misfire: "FIRE_ONCE",
      });
      for (let second = 0; second <= 300; second += 1)
        await parts.beat.beat(after(made.createdAt, second * SECOND));
      const fired = await slotsOf(made);
      const skipped = await skipsOf(made);
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
    test("is planned anew: another timing counts from the change", async () => {
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
      ["timing", `'{"every": 5}'`, /timing must be one of/],
      ["timing", `'{"crontab": "0 0 31 2 *"}'`, /no run in the next 10 years/],
      ["time_zone", "'Mars/Olympus'", /Mars\/Olympus/],
      ["options", `'{"queue": "no such queue!"}'`, /options.queue|queue must/],
    ])(
      "into something wrong (%s = %s) disables that one, says why, and the others go on",
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
        expect(await slotsOf(other)).toHaveLength(1);
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
