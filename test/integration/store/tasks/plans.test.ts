import { afterAll, beforeAll, expect, test } from "vitest";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { PgMaintenanceStore } from "../../../../src/store/maintenance/pg-maintenance-store.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import type { Outcome } from "../../../../src/store/tasks/task-store.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

let opened: TestDatabase;
const worker = newWorker();
// So many that reading the whole table is no alternative, as in any table that was in use for some
// minutes.
const rows = Array.from({ length: 30_000 }, () => newTask());
const ids = rows.slice(0, 200).map((row) => row.id);

beforeAll(async () => {
  opened = await DATABASES.find((database) => database.kind === "postgresql")!.open();
  const store = new PgTaskStore(opened.database.sql);
  await store.insert(rows, "each");
  await opened.database.sql.run("analyze lovage.task");
});
afterAll(() => opened[Symbol.asyncDispose]());

/** The plan of the statement that a call sends. */
async function planOf(call: (sql: Sql) => Promise<unknown>): Promise<string> {
  const sent: { readonly text: string; readonly parameters: readonly unknown[] }[] = [];
  const recording: Sql = {
    run: async (text, parameters = []) => {
      sent.push({ text, parameters });
      return [];
    },
    transaction: () => Promise.reject(new Error("One statement is enough.")),
  };
  await call(recording);
  expect(sent).toHaveLength(1);
  const [{ text, parameters }] = sent as [(typeof sent)[number]];
  const plan = await opened.database.sql.run<{ "QUERY PLAN": string }>(`explain ${text}`, parameters);
  return plan.map((line) => line["QUERY PLAN"]).join("\n");
}

// A partial index on a state collects a dead entry for every task that passed: walked by the hot
// path, it makes that several times slower.
test("the claim finds its rows by the primary key, never by the index of QUEUED rows", async () => {
  const names = ["test.task"];
  const request = { taskIds: ids, workerId: worker.id, workerName: worker.name, names, crashesBelow: 2 };
  const plan = await planOf((sql) => new PgTaskStore(sql).claim(request));
  expect(plan).toContain("task_pkey");
  expect(plan).not.toContain("task_queued");
});

test("the finish finds its rows by the primary key, never by the index of STARTED rows", async () => {
  const outcomes = ids.map((taskId): Outcome => ({
    ...{ taskId, workerId: worker.id, version: 2, progress: null, keepMs: 1_000 },
    kind: "succeeded",
    output: 1,
  }));
  const plan = await planOf((sql) => new PgTaskStore(sql).finish(outcomes));
  expect(plan).toContain("task_pkey");
  expect(plan).not.toContain("task_started");
});

test("the sweep finds the tasks of workers that are gone by the index of STARTED rows, never by reading the table", async () => {
  const plan = await planOf((sql) => new PgMaintenanceStore(sql).rescue(1_000, 3, 1_000));
  expect(plan).toContain("Index Only Scan using task_started");
  expect(plan).not.toContain("Seq Scan on task");
});
