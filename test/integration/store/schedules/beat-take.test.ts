import { afterEach, beforeEach, expect, test } from "vitest";
import { PgBeatStore } from "../../../../src/store/schedules/pg-beat-store.ts";
import type { DueSchedule, SlotDecision } from "../../../../src/store/schedules/schedule-store.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

const SCHEDULES = 100;

let opened: TestDatabase;
let store: PgBeatStore;

beforeEach(async () => {
  opened = await DATABASES.find((database) => database.kind === "postgresql")!.open();
  const { sql } = opened.database;
  await sql.run(
    `insert into lovage.schedule (name, task_name, timing)
     select 'schedule ' || i, 'test.task', '{"interval": {"every": "1s"}}' from generate_series(1, $1) i`,
    [SCHEDULES],
  );
  store = new PgBeatStore(sql);
});
afterEach(() => opened[Symbol.asyncDispose]());

/** Moves a schedule on by an hour, with so many tasks. */
function decideOn({ record }: DueSchedule, now: Date, tasks: number): SlotDecision {
  const slot = (index: number): Date => new Date(now.getTime() - (tasks - index) * 1_000);
  const next = new Date(now.getTime() + 3_600_000);
  return {
    scheduleId: record.id,
    tasks: Array.from({ length: tasks }, (_, index) =>
      newTask({ schedule: { id: record.id, name: record.name, slot: slot(index) } }),
    ),
    ...{
      cancelPrevious: false,
      skipped: [],
      decidedUntil: now,
      nextSlot: next,
      nextRunAt: next,
      problem: null,
    },
  };
}

test("a transaction decides for a short time only; the rest comes next", async () => {
  let decided = 0;
  const slowly = (due: DueSchedule, now: Date): SlotDecision => {
    decided += 1;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    return decideOn(due, now, 0);
  };
  const first = await store.take(SCHEDULES + 1, slowly, { keepMs: 1_000 });
  expect(first.more).toBe(true);
  expect(decided).toBeLessThan(SCHEDULES / 2);
  while ((await store.take(SCHEDULES + 1, slowly, { keepMs: 1_000 })).more);
  expect(decided).toBe(SCHEDULES);
});

test("a transaction inserts a limited number of tasks; the rest comes next", async () => {
  const created: number[] = [];
  for (let more = true; more;) {
    const round = await store.take(SCHEDULES + 1, (due, now) => decideOn(due, now, 80), { keepMs: 1_000 });
    created.push(round.created.length);
    ({ more } = round);
  }
  expect(Math.max(...created)).toBeLessThan(5_100);
  expect(created.reduce((sum, count) => sum + count, 0)).toBe(80 * SCHEDULES);
});
