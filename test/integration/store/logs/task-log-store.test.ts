import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PgTaskLogStore } from "../../../../src/store/logs/pg-task-log-store.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { PgMaintenanceStore } from "../../../../src/store/maintenance/pg-maintenance-store.ts";
import type { NewLogLine } from "../../../../src/store/logs/task-log-store.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

describe.each(DATABASES)("logs of tasks on $kind", ({ open }) => {
  let opened: TestDatabase;
  let logs: PgTaskLogStore;
  let tasks: PgTaskStore;
  beforeAll(async () => {
    opened = await open();
    logs = new PgTaskLogStore(opened.database.sql);
    tasks = new PgTaskStore(opened.database.sql);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  async function task(): Promise<string> {
    const row = newTask();
    await tasks.insert([row], "each");
    return row.id;
  }

  const lineOf = (taskId: string, line: number, part: Partial<NewLogLine> = {}): NewLogLine => ({
    ...{ taskId, line, version: 2, attempt: 1, at: new Date("2026-03-01T12:00:00.123Z") },
    ...{ level: "INFO", message: `line ${line}`, fields: null },
    ...part,
  });
  const messages = async (taskId: string, after = 0): Promise<string[]> =>
    (await logs.read([{ taskId, after, limit: 100 }]))[0]!.map(({ message }) => message);

  test("keeps lines in their order, each task for itself", async () => {
    const [a, b] = [await task(), await task()];
    const stored = await logs.append([lineOf(a, 1), lineOf(b, 1, { level: "ERROR" }), lineOf(a, 2)]);
    expect(stored.map(({ first }) => first)).toEqual([1, 1]);
    await logs.append([lineOf(a, 3, { fields: '{"size":3}' })]);
    expect(await logs.read([{ taskId: a, after: 1, limit: 2 }])).toEqual([
      [
        {
          ...{ cursor: "2", at: new Date("2026-03-01T12:00:00.123Z"), level: "INFO" },
          ...{ message: "line 2", attempt: 1, fields: null },
        },
        expect.objectContaining({ cursor: "3", fields: { size: 3 } }),
      ],
    ]);
    const pages = await logs.read([
      { taskId: a, after: 0, level: "WARN", limit: 10 },
      { taskId: newId(), after: 0, limit: 10 },
      { taskId: b, after: 0, level: "WARN", limit: 10 },
    ]);
    expect(pages.map((page) => page.map(({ message }) => message))).toEqual([[], [], ["line 1"]]);
  });

  test("a batch that is sent again is stored once", async () => {
    const id = await task();
    const batch = [1, 2, 3].map((line) => lineOf(id, line));
    await logs.append(batch.slice(0, 2));
    await logs.append(batch);
    await logs.append(batch);
    expect(await messages(id)).toEqual(["line 1", "line 2", "line 3"]);
  });

  test("an attempt that was requeued, and starts again, has its own lines", async () => {
    const id = await task();
    await logs.append([lineOf(id, 1), lineOf(id, 2)]);
    const [again] = await logs.append([lineOf(id, 1, { version: 4, message: "once more" })]);
    expect(again).toEqual({ taskId: id, version: 4, first: 3 });
    expect(await messages(id)).toEqual(["line 1", "line 2", "once more"]);
  });

  test("two that write at once both do, one after the other", async () => {
    const id = await task();
    const versions = [2, 4, 6, 8];
    await Promise.all(
      versions.map((version) => logs.append([lineOf(id, 1, { version, message: `${version}` })])),
    );
    const [page] = await logs.read([{ taskId: id, after: 0, limit: 100 }]);
    expect(page!.map(({ message }) => Number(message)).toSorted((a, b) => a - b)).toEqual(versions);
    expect(page!.map(({ cursor }) => Number(cursor))).toEqual(page!.map((_, index) => index + 1));
  });

  test("lines of an unknown task are left out, those of its neighbours are not", async () => {
    const id = await task();
    expect(await logs.append([lineOf(newId(), 1), lineOf(id, 1)])).toHaveLength(1);
    expect(await messages(id)).toEqual(["line 1"]);
  });

  test("they are deleted with their task, and with no other", async () => {
    const [gone, other] = [await task(), await task()];
    await logs.append([lineOf(gone, 1), lineOf(other, 1)]);
    await opened.database.sql.run(
      "update lovage.task set state = 'SUCCESS', finished_at = now(), keep_until = now() - interval '1 second' where id = $1",
      [gone],
    );
    expect(await new PgMaintenanceStore(opened.database.sql).deleteExpired(10)).toBe(1);
    const rows = await opened.database.sql.run<{ task_id: string }>(
      "select task_id from lovage.task_log where task_id = any($1::uuid[])",
      [[gone, other]],
    );
    expect(rows).toEqual([{ task_id: other }]);
  });

  test("knows the first line that is kept, and how far tasks are", async () => {
    const id = await task();
    expect(await logs.firstKept(id)).toBeNull();
    await logs.append([1, 2, 3].map((line) => lineOf(id, line)));
    await logs.trim(id, 3);
    expect(await logs.firstKept(id)).toBe(3);
    expect(await logs.owners([id, newId()])).toEqual([{ taskId: id, final: false, settled: false }]);
    const finish = (ago: string) =>
      opened.database.sql.run(
        `update lovage.task set state = 'SUCCESS', finished_at = now() - interval '${ago}' where id = $1`,
        [id],
      );
    await finish("0 seconds");
    expect(await logs.owners([id])).toEqual([{ taskId: id, final: true, settled: false }]);
    await finish("1 second");
    expect(await logs.owners([id])).toEqual([{ taskId: id, final: true, settled: true }]);
  });
});
