import { afterAll, beforeAll, expect, test } from "vitest";
import { PgBeatStore } from "../../../../src/store/schedules/pg-beat-store.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import type { DueSchedule, SlotDecision } from "../../../../src/store/schedules/schedule-store.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

// So many that reading a whole table is no alternative.
const SCHEDULES = 20_000;
const DUE = 50;
const TASKS = 20_000;
const HELD_PER_SCHEDULE = 20;

let opened: TestDatabase;
let store: PgBeatStore;
const statements: { readonly text: string; readonly parameters: readonly unknown[] }[] = [];

beforeAll(async () => {
  opened = await DATABASES.find((database) => database.kind === "postgresql")!.open();
  const { sql } = opened.database;
  const made = await sql.run<{ id: string; name: string }>(
    `insert into lovage.schedule (name, task_name, timing, overlap)
     select 'schedule ' || i, 'test.task', '{"interval": {"every": "1m"}}', 'QUEUE' from generate_series(1, $1) i returning id, name`,
    [SCHEDULES],
  );
  await sql.run(
    `update lovage.schedule set next_slot = x.at, next_run_at = x.at
       from (select id, now() + (row_number() over () - $1) * interval '1 minute' as at from lovage.schedule) x where x.id = schedule.id`,
    [DUE],
  );
  const held = made.slice(0, DUE).flatMap(({ id, name }) =>
    Array.from({ length: HELD_PER_SCHEDULE }, (_, index) => ({
      ...newTask({ schedule: { id, name, slot: new Date(index * 1_000) } }),
      ...(index > 0 ? { held: true } : {}),
    })),
  );
  const tasks = new PgTaskStore(sql);
  await tasks.insert(held, "each");
  await tasks.insert(
    Array.from({ length: TASKS }, () => newTask()),
    "each",
  );
  await sql.run("analyze lovage.task");
  await sql.run("analyze lovage.schedule");
  store = new PgBeatStore(recording(sql));
});
afterAll(() => opened[Symbol.asyncDispose]());

/** Runs all statements, and notes them. */
function recording(sql: Sql): Sql {
  return {
    run: (text, parameters = []) => {
      statements.push({ text, parameters });
      return sql.run(text, parameters);
    },
    transaction: (work) => sql.transaction((inner) => work(recording(inner))),
  };
}

/** The plans of the statements that a call sends, in their order. */
async function plansOf(call: () => Promise<unknown>): Promise<string[]> {
  statements.length = 0;
  await call();
  const plans: string[] = [];
  for (const { text, parameters } of statements) {
    const plan = await opened.database.sql.run<{ "QUERY PLAN": string }>(`explain ${text}`, parameters);
    plans.push(plan.map((line) => line["QUERY PLAN"]).join("\n"));
  }
  return plans;
}

const skipsASlot = ({ record }: DueSchedule, now: Date): SlotDecision => ({
  scheduleId: record.id,
  tasks: [],
  cancelPrevious: false,
  skipped: [{ firstSlot: record.nextSlot!, lastSlot: record.nextSlot!, count: 1, reason: "OVERLAP" }],
  decidedUntil: record.nextSlot!,
  nextSlot: new Date(now.getTime() + 3_600_000),
  nextRunAt: new Date(now.getTime() + 3_600_000),
  problem: null,
});

test("a beat at rest sends one statement, answered by two indexes", async () => {
  const [plan, ...others] = await plansOf(() => store.look());
  expect(others).toEqual([]);
  expect(plan).toContain("Index Only Scan using schedule_next");
  expect(plan).toMatch(/Index Only Scan using task_held/);
  expect(plan).not.toContain("Seq Scan on task");
  expect(plan).not.toContain("Seq Scan on schedule");
});

test("due schedules are found by their time, their unfinished tasks and their rows by indexes", async () => {
  const plans = await plansOf(async () => {
    const { skipped, more } = await store.take(DUE - 1, skipsASlot, { keepMs: 1_000 });
    expect([skipped.length, more]).toEqual([DUE - 1, true]);
  });
  const [, take, unfinished, decide] = plans;
  expect(take).toContain("Index Scan using schedule_next");
  expect(take).not.toContain("Sort");
  expect(unfinished).toContain("task_scheduled");
  expect(decide).toContain("Index Scan using schedule_pkey");
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (task|schedule) /);
});

test("held tasks, and whether something of their schedule runs, are found by indexes", async () => {
  const [plan] = await plansOf(() => store.releaseHeld());
  expect(plan).toMatch(/Scan (using|on) task_held/);
  expect(plan).toContain("task_scheduled");
  expect(plan).toContain("task_pkey");
  expect(plan).not.toContain("Seq Scan on task");
});
