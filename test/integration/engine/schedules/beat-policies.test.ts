import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MINUTE, SECOND } from "../../../../src/lib/clock.ts";
import type { ClaimedTask } from "../../../../src/store/tasks/task-store.ts";
import { DATABASES } from "../../../support/databases.ts";
import { outcomeOf } from "../../../support/engine-parts.ts";
import { after, openScheduleParts, type ScheduleParts, tick } from "../../../support/schedules.ts";

describe.each(DATABASES)("policies of schedules, $kind", (place) => {
  let parts: ScheduleParts;
  beforeAll(async () => void (parts = await openScheduleParts([tick], place)));
  afterAll(() => parts[Symbol.asyncDispose]());
  beforeEach(() => parts.clear());

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
      expect(await parts.slotsOf(made)).toEqual(fired.map(minute));
      const note = missed && { firstSlot: minute(missed[0]), lastSlot: minute(missed[1]), count: missed[2] };
      expect(await parts.skipsOf(made)).toEqual(note ? [{ ...note, reason: "MISFIRED" }] : []);
      expect(await parts.schedule(made.name)).toMatchObject({
        nextSlot: minute(11),
        decidedUntil: minute(10),
      });
    });

    test("SKIP fires a slot that is slightly late", async () => {
      const made = await parts.create({ misfire: "SKIP" });
      await parts.beat.beat(after(made.createdAt, 10 * MINUTE + 5 * SECOND));
      expect(await parts.slotsOf(made)).toEqual([after(made.createdAt, 10 * MINUTE)]);
    });

    test("CATCH_UP runs the last 100 slots of the last 7 days, and records the others", async () => {
      const made = await parts.create({ misfire: "CATCH_UP", timing: { crontab: "* * * * * *" } });
      await parts.beat.beat(after(made.createdAt, 40 * MINUTE));
      expect(await parts.slotsOf(made)).toHaveLength(100);
      expect(await parts.skipsOf(made)).toMatchObject([{ count: null, reason: "MISFIRED" }]);
      const daily = await parts.create({
        name: "daily",
        misfire: "CATCH_UP",
        timing: { interval: { every: "1d" } },
      });
      await parts.beat.beat(after(daily.createdAt, 10 * 24 * 60 * MINUTE));
      expect(await parts.slotsOf(daily)).toHaveLength(8);
      expect(await parts.skipsOf(daily)).toMatchObject([{ count: 2, reason: "MISFIRED" }]);
    });

    test("a schedule that was disabled for a year of seconds costs no more than one look", async () => {
      const made = await parts.create({ timing: { crontab: "* * * * * *" }, enabled: false });
      const year = 366 * 24 * 60 * MINUTE;
      await parts.age(made, year);
      await parts.control.setEnabled([made.id], true);
      await parts.beat.beat(after(made.createdAt, MINUTE));
      expect(await parts.slotsOf(made)).toHaveLength(1);
      expect(await parts.skipsOf(made)).toHaveLength(2);
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

    test("ALLOW ignores it", async () => {
      const made = await parts.create({ overlap: "ALLOW" });
      for (const minute of [1, 2]) await parts.beat.beat(after(made.createdAt, minute * MINUTE));
      expect((await parts.tasksOf(made)).map(({ state }) => state)).toEqual(["QUEUED", "QUEUED"]);
    });

    test("SKIP omits slots until it has ended, and records them as one", async () => {
      const made = await parts.create({ overlap: "SKIP" });
      const minute = (count: number): Date => after(made.createdAt, count * MINUTE);
      for (const count of [1, 2, 3]) await parts.beat.beat(minute(count));
      const [first] = await parts.tasksOf(made);
      expect(await parts.skipsOf(made)).toEqual([
        { firstSlot: minute(2), lastSlot: minute(3), count: 2, reason: "OVERLAP" },
      ]);
      await finish(first!.id);
      await parts.beat.beat(minute(4));
      expect(await parts.slotsOf(made)).toEqual([minute(1), minute(4)]);
    });

    test("QUEUE holds tasks, and releases them one by one", async () => {
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
      expect(await parts.slotsOf(made)).toHaveLength(1);
      expect(await parts.skipsOf(made)).toMatchObject([{ count: 1, reason: "DUPLICATE" }]);
    });
  });
});
