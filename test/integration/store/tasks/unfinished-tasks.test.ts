import { afterAll, beforeAll, expect, test } from "vitest";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { PgUnfinishedTasks, UNFINISHED_PAGE } from "../../../../src/store/reading/unfinished-tasks.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

let opened: TestDatabase;
// More than one page, and most tasks of the table have ended.
const finished = Array.from({ length: 30_000 }, (_, x) => newTask({ input: { x } }));
const waiting = Array.from({ length: 10_005 }, (_, x) => newTask({ input: { x } }));

beforeAll(async () => {
  opened = await DATABASES.find((database) => database.kind === "postgresql")!.open();
  const { sql } = opened.database;
  const store = new PgTaskStore(sql);
  await store.insert([...finished, ...waiting], "each");
  await sql.run("update lovage.task set state = 'SUCCESS', finished_at = now() where id = any($1::uuid[])", [
    finished.map(({ id }) => id),
  ]);
  await sql.run("update lovage.task set state = 'SCHEDULED', run_at = now() where id = $1", [waiting[0]!.id]);
  await sql.run("vacuum analyze lovage.task");
});
afterAll(() => opened[Symbol.asyncDispose]());

test("each unfinished task comes once with its input, in order, also behind the first page", async () => {
  const { reads, orm } = opened.database;
  const found = await Array.fromAsync(new PgUnfinishedTasks(reads, new PgTaskReader(orm)).read());
  expect(found.map(({ id, name, input }) => ({ id, name, input }))).toEqual(
    waiting.map(({ id, name, input }) => ({ id, name, input })),
  );
});

test("few unfinished tasks are found by the partial indexes, without reading the finished ones", async () => {
  const { sql } = opened.database;
  await sql.run("update lovage.task set state = 'SUCCESS', finished_at = now() where id = any($1::uuid[])", [
    waiting.slice(10).map(({ id }) => id),
  ]);
  await sql.run("vacuum analyze lovage.task");
  const rows = await sql.run<{ "QUERY PLAN": string }>(`explain ${UNFINISHED_PAGE}`, [null]);
  const plan = rows.map((line) => line["QUERY PLAN"]).join("\n");
  expect(plan).toContain("BitmapOr");
  expect(plan).not.toContain("task_pkey");
});
