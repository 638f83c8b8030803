import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { kindOfStatement, slowQueryLog } from "../../../../src/store/connection/slow-query-log.ts";

type LogEvent = Parameters<ReturnType<typeof slowQueryLog>>[0];

function setUp() {
  const told: unknown[] = [];
  const note = slowQueryLog({ ...silentLogger, warn: (_message, fields) => void told.push(fields) });
  const took = (queryDurationMillis: number, sql: string, level: "query" | "error" = "query"): void =>
    note({ level, queryDurationMillis, query: { sql, parameters: ["hunter2"] } } as unknown as LogEvent);
  return { told, took };
}

test("statements under a second are not logged, slower ones once per kind, with their time", () => {
  const { told, took } = setUp();
  took(999, "select 1 from lovage.task");
  took(1_000.4, "update lovage.task set state = 'X' where id = 'hunter2'");
  took(5_000, "update lovage.task set input = 'hunter2'");
  took(2_000, "delete from lovage.task", "error");
  expect(told).toEqual([
    { statement: "update lovage.task", ms: 1_000 },
    { statement: "delete from lovage.task", ms: 2_000 },
  ]);
});

test("statements of constantly new kinds fill neither the memory nor the log", () => {
  const { told, took } = setUp();
  for (let table = 0; table < 10_000; table += 1) took(1_000, `select * from t${table}`);
  expect(told.length).toBeLessThan(500);
});

describe("the kind of a statement", () => {
  test.each([
    ["select 1", "select"],
    ["begin", "begin"],
    ["  SELECT *\n  FROM lovage.task t where id = 'from x'", "select lovage.task"],
    ['select "t0".* from "lovage"."task" as "t0"', "select lovage.task"],
    [
      "insert  into lovage.task (id) select 1 from x on conflict do update set a = 1",
      "insert into lovage.task",
    ],
    [
      "with due as (select id from lovage.task for update skip locked) select * from due",
      "select lovage.task",
    ],
    [
      "with due as (select id from lovage.task for no key update skip locked) update lovage.worker w set a = 1",
      "update lovage.worker",
    ],
    ["delete from lovage.task where true", "delete from lovage.task"],
    ["", "other"],
  ])("%s is %s", (sql, kind) => expect(kindOfStatement(sql)).toBe(kind));
});
