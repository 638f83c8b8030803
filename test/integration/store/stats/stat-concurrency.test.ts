import { afterAll, beforeAll, expect, test } from "vitest";
import { openStores, type Stores } from "../../../../src/app/adapters.ts";
import { PgStatStore } from "../../../../src/store/stats/pg-stat-store.ts";
import { PgStatMaintenance } from "../../../../src/store/stats/pg-stat-maintenance.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import type { ClaimedTask } from "../../../../src/store/tasks/task-store.ts";
import type { WorkerRecord } from "../../../../src/task/records/worker.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { outcomeOf } from "../../../support/engine-parts.ts";
import { fullCount } from "../../../support/stat-count.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

let opened: TestDatabase;
let stores: Stores;
let sql: Sql;
const success = { kind: "succeeded", output: 1 };

beforeAll(async () => {
  opened = await DATABASES.find(({ kind }) => kind === "postgresql")!.open();
  stores = openStores(opened.database);
  sql = opened.database.sql;
});
afterAll(() => opened[Symbol.asyncDispose]());

async function register(): Promise<WorkerRecord> {
  const worker = newWorker();
  await stores.workers.register(worker);
  return worker;
}

async function started({ id, name }: WorkerRecord, count: number): Promise<ClaimedTask[]> {
  const rows = Array.from({ length: count }, () => newTask());
  await stores.tasks.insert(rows, "each");
  const taskIds = rows.map((row) => row.id);
  return stores.tasks.claim({ taskIds, workerId: id, workerName: name, names: ["test.task"] });
}

test("workers that finish tasks of one name in the same minute never meet, whatever their order, and neither does the roll-up", async () => {
  const workers = await Promise.all(Array.from({ length: 4 }, register));
  await Promise.all(
    workers.map(async (worker, index) => {
      for (let batch = 0; batch < 15; batch += 1) {
        const tasks = await started(worker, 20);
        if (index % 2 === 1) tasks.reverse();
        const retry = {
          kind: "retry",
          delayMs: 60_000,
          error: { type: "E", message: "no", stack: null, retryable: true, fingerprint: "f" },
        };
        await stores.tasks.finish(
          tasks.map((task, place) => outcomeOf(task, place % 5 === 0 ? retry : success)),
        );
        if (batch % 4 === index) await stores.statMaintenance.rollUp(10, new Date(Date.now() + 120_000));
      }
    }),
  );
  const { rows, stats } = await fullCount(sql);
  expect(stats).toEqual(rows);
  expect(rows.outcomes).toEqual([
    { name: "test.task", queue: "default", outcome: "RETRY", count: 240 },
    { name: "test.task", queue: "default", outcome: "SUCCESS", count: 960 },
  ]);
});

test("a transaction that hangs before its commit does not block outcomes of tasks of the same name", async () => {
  const worker = await register();
  const [held, ...others] = await started(worker, 4);
  const before = (await stores.stats.ended({ by: "all" }, "LAST_HOUR")).get("")!.success;
  await stores.transactions.run(async (transaction) => {
    await transaction.finish(outcomeOf(held!, success));
    // Would otherwise wait until lock_timeout, and then fail.
    await stores.tasks.finish(others.map((task) => outcomeOf(task, success)));
    await stores.statMaintenance.rollUp(100, new Date(Date.now() + 120_000));
    expect((await stores.stats.ended({ by: "all" }, "LAST_HOUR")).get("")!.success).toBe(before + 3);
  });
  expect((await stores.stats.ended({ by: "all" }, "LAST_HOUR")).get("")!.success).toBe(before + 4);
});

test("a window is read, and old rows are found, by the key of the roll-ups; tasks of a fingerprint by their index", async () => {
  await sql.run(`
    insert into lovage.task_stat (stage, at, name, queue, outcome, count)
    select 2, now() - i * interval '1 minute', 'n' || i % 20, 'q', 'SUCCESS', 1 from generate_series(1, 60000) i`);
  await sql.run("analyze lovage.task_stat");
  const plans: string[] = [];
  const explaining: Sql = {
    run: async (text, parameters = []) => {
      plans.push(await planOf(sql, text, parameters));
      return sql.run(text, parameters);
    },
    transaction: () => Promise.reject(new Error("One statement is enough.")),
  };
  await new PgStatStore(explaining).ended({ by: "all" }, "LAST_HOUR");
  await new PgStatStore(explaining).failureGroups("LAST_HOUR", 10);
  await new PgStatMaintenance(explaining).rollUp(100);
  await new PgStatMaintenance(explaining).deleteOldStats(100);
  expect(plans.length).toBeGreaterThanOrEqual(5);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on task_stat/);
  await sql.transaction(async (within) => {
    await within.run("set local enable_seqscan = off");
    const text = "select id from lovage.task where error->>'fingerprint' = $1 order by id desc limit 51";
    expect(await planOf(within, text, ["f"])).toContain("task_fingerprint");
  });
});

async function planOf(by: Sql, text: string, parameters: readonly unknown[]): Promise<string> {
  const lines = await by.run<{ "QUERY PLAN": string }>(`explain ${text}`, parameters);
  return lines.map((line) => line["QUERY PLAN"]).join("\n");
}
