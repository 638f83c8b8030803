import { afterAll, beforeAll, expect, test } from "vitest";
import { PgTaskStore } from "../../src/store/pg-task-store.ts";
import type { Sql } from "../../src/store/sql.ts";
import type { Outcome } from "../../src/store/task-store.ts";
import { DATABASES, type TestDatabase } from "../support/databases.ts";
import { newTask, newWorker } from "../support/store-rows.ts";

let opened: TestDatabase;
const worker = newWorker();
// So many that reading the whole table is no alternative, as in any table that was in use for some minutes.
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
async function planOf(call: (store: PgTaskStore) => Promise<unknown>): Promise<string> {
  const sent: { readonly text: string; readonly parameters: readonly unknown[] }[] = [];
  const recording: Sql = {
    run: async (text, parameters = []) => {
      sent.push({ text, parameters });
      return [];
    },
    transaction: () => Promise.reject(new Error("One statement is enough.")),
  };
  await call(new PgTaskStore(recording));
  expect(sent).toHaveLength(1);
  const [{ text, parameters }] = sent as [(typeof sent)[number]];
  const plan = await opened.database.sql.run<{ "QUERY PLAN": string }>(`explain ${text}`, parameters);
  return plan.map((line) => line["QUERY PLAN"]).join("\n");
}

// A partial index on a state collects a dead entry for every task that passed: walked by the hot path, it makes that several times slower.
test("the claim finds its rows by the primary key, never by the index of QUEUED rows", async () => {
  const request = { taskIds: ids, workerId: worker.id, workerName: worker.name, names: ["test.task"] };
  const plan = await planOf((store) => store.claim(request));
  expect(plan).toContain("task_pkey");
  expect(plan).not.toContain("task_queued");
});

test("the finish finds its rows by the primary key, never by the index of STARTED rows", async () => {
  const outcomes = ids.map((taskId): Outcome => ({
    ...{ taskId, workerId: worker.id, version: 2, progress: null, keepMs: 1_000 },
    kind: "succeeded",
    output: 1,
  }));
  const plan = await planOf((store) => store.finish(outcomes));
  expect(plan).toContain("task_pkey");
  expect(plan).not.toContain("task_started");
});
