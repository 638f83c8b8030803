import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import { VALUES_BYTES } from "../../../../src/store/reading/task-reader.ts";
import type { TaskValues } from "../../../../src/task/records/task.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

const ROWS = 60;
const OUTPUT_BYTES = 100_000;

describe.each(DATABASES)("large columns on $kind", ({ open }) => {
  let opened: TestDatabase;
  let reader: PgTaskReader;
  const rows = Array.from({ length: ROWS }, () => newTask());
  const ids = rows.map(({ id }) => id);

  beforeAll(async () => {
    opened = await open();
    const { sql, orm } = opened.database;
    reader = new PgTaskReader(orm);
    await new PgTaskStore(sql).insert(rows, "each");
    await sql.run(`update lovage.task set output = to_jsonb(repeat('x', ${OUTPUT_BYTES}) || id::text)`);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const partsOf = async (...args: Parameters<PgTaskReader["values"]>) => {
    const parts: (readonly TaskValues[])[] = [];
    for await (const part of reader.values(...args)) parts.push(part);
    return parts;
  };

  test("are read in parts, each row once and in the order of the ids", async () => {
    const parts = await partsOf(ids.toReversed(), ["output"]);
    const values = parts.flat();
    expect(values.map(({ id }) => id)).toEqual(ids.toReversed());
    for (const { id, output } of values) expect(output).toBe("x".repeat(OUTPUT_BYTES) + id);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts.slice(1)) expect(part.length * OUTPUT_BYTES).toBeLessThanOrEqual(VALUES_BYTES);
  });

  test("parts of several readers are parsed in separate turns of the event loop", async () => {
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const turns: number[] = [];
    const read = async (): Promise<void> => {
      for await (const _part of reader.values(ids, ["output"])) turns.push(turn);
    };
    await Promise.all([read(), read(), read(), read()]);
    isOver = true;
    expect(turns.length).toBeGreaterThan(12);
    expect(new Set(turns).size).toBe(turns.length);
  });

  test("small ones take few parts", async () => {
    expect(await partsOf(ids, ["input"])).toHaveLength(2);
  });

  test("returns the requested fields, and only of existing tasks", async () => {
    const [[value]] = (await partsOf([newId(), ids[0]!], ["error", "attempts"])) as [[TaskValues]];
    const row = { id: ids[0], version: 1, state: expect.any(String), options: null };
    expect(value).toEqual({ ...row, error: null, attempts: [] });
  });

  test("are not in lists, nor read with them", async () => {
    const filter = { ids };
    const order = { field: "CREATED_AT", direction: "ASC" } as const;
    const [page] = await reader.pages([{ filter, order, limit: ROWS }]);
    const outlines = await reader.outlines(ids);
    expect(page!.rows).toEqual(outlines);
    const [whole] = await reader.byIds(ids.slice(0, 1));
    const { input: _input, output: _output, error: _error, attempts: _attempts, ...rest } = whole!;
    expect(outlines[0]).toEqual(rest);
  });
});
