import { afterAll, beforeAll, expect, test } from "vitest";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

let opened: TestDatabase;
beforeAll(async () => void (opened = await DATABASES[0]!.open()));
afterAll(() => opened[Symbol.asyncDispose]());

test.each([
  ["attempts = '5'", { attempts: [] }],
  ['attempts = \'[5, null, {}, {"number": 1, "startedAt": "?"}]\'', { attempts: [] }],
  ["error = '5'", { error: null }],
  ["error = '[]'", { error: null }],
  ["progress = '\"half\"'", { progress: null }],
  ['progress = \'{"current": 1, "updatedAt": "?"}\'', { progress: null }],
])("a row that someone gave %s by hand can still be read", async (edit, expected) => {
  const { sql, orm } = opened.database;
  const row = newTask();
  await new PgTaskStore(sql).insert([row], "each");
  await sql.run(`update lovage.task set ${edit} where id = $1`, [row.id]);
  expect(await new PgTaskReader(orm).byIds([row.id])).toMatchObject([{ id: row.id, ...expected }]);
});
