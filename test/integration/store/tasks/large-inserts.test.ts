import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import type { Sql } from "../../../../src/store/connection/sql.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

const MIB = 1024 * 1024;

/** The same, and how long the parameters of its statements are. */
function measured(sql: Sql, lengths: number[]): Sql {
  return {
    run: (text, parameters = []) => {
      lengths.push(String(parameters[0]).length);
      return sql.run(text, parameters);
    },
    transaction: (work) => sql.transaction((transaction) => work(measured(transaction, lengths))),
  };
}

describe.each(DATABASES)("inserts of any size on $kind", ({ open }) => {
  let place: TestDatabase;
  beforeAll(async () => void (place = await open()));
  afterAll(() => place[Symbol.asyncDispose]());

  const storeWith = (lengths: number[]) => new PgTaskStore(measured(place.database.sql, lengths));
  const count = async (queue: string): Promise<number> => {
    const rows = await place.database.sql.run<{ n: number }>(
      "select count(*)::int as n from lovage.task where queue = $1",
      [queue],
    );
    return rows[0]!.n;
  };

  test("many rows go in several short statements, and are answered in their order", async () => {
    const rows = Array.from({ length: 7_000 }, () => newTask({ queue: "many" }));
    const lengths: number[] = [];
    const answers = await storeWith(lengths).insert(rows, "each");
    expect(answers.map((answer) => "task" in answer && answer.task.id)).toEqual(rows.map(({ id }) => id));
    expect(lengths).toHaveLength(4);
    expect(await count("many")).toBe(7_000);
  });

  test("few rows with large inputs do so, too", async () => {
    const input = { text: "x".repeat(200_000) };
    const rows = Array.from({ length: 200 }, () => newTask({ queue: "large", input }));
    const lengths: number[] = [];
    await storeWith(lengths).insert(rows, "each");
    expect(Math.max(...lengths)).toBeLessThan(16 * MIB);
    expect(await count("large")).toBe(200);
  });

  test("a row that is refused in the last statement leaves nothing of the others behind", async () => {
    const rows = Array.from({ length: 2_500 }, () => newTask({ queue: "refused" }));
    const bad = { ...newTask({ queue: "refused" }), input: { text: "\0" } };
    await expect(storeWith([]).insert([...rows, bad], "each")).rejects.toThrow();
    expect(await count("refused")).toBe(0);
  });

  test("a key that was used otherwise in the last statement does neither", async () => {
    await storeWith([]).insert([newTask({ idempotencyKey: "used", input: 1 })], "all");
    const rows = Array.from({ length: 2_500 }, () => newTask({ queue: "conflict" }));
    const answers = await storeWith([]).insert(
      [...rows, newTask({ queue: "conflict", idempotencyKey: "used", input: 2 })],
      "all",
    );
    expect(answers.at(-1)?.kind).toBe("conflict");
    expect(await count("conflict")).toBe(0);
  });
});
