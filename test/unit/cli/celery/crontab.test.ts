import { describe, expect, test } from "vitest";
import { convertCrontab } from "../../../../src/cli/celery/crontab.ts";
import type { CeleryCrontab } from "../../../../src/cli/celery/read-tables.ts";

const EVERY: CeleryCrontab = {
  minute: "*",
  hour: "*",
  day_of_month: "*",
  month_of_year: "*",
  day_of_week: "*",
};

describe("a crontab of Celery", () => {
  test.each<[Partial<CeleryCrontab>, string]>([
    [{}, "* * * * *"],
    [{ minute: "*/15", hour: "0,8-17/2" }, "*/15 0,8-17/2 * * *"],
    [{ minute: "0, 30" }, "0,30 * * * *"],
    [{ day_of_week: "monday,Friday" }, "* * * * MON,FRI"],
    [{ day_of_week: "0" }, "* * * * 0"],
    [{ month_of_year: "jan-mar" }, "* * * JAN-MAR *"],
    // What goes over the end of its field, and steps longer than it.
    [{ hour: "22-4" }, "* 0-4,22-23 * * *"],
    [{ day_of_week: "fri-mon" }, "* * * * 0-1,5-6"],
    [{ minute: "*/60" }, "0 * * * *"],
    // A day of the month and a day of the week, both of which must fit.
    [{ day_of_month: "1-31", day_of_week: "1" }, "* * * * 1"],
    [{ day_of_month: "13", day_of_week: "*/1" }, "* * 13 * *"],
    [{ day_of_month: "13", day_of_week: "sun-sat" }, "* * 13 * *"],
    [{ day_of_month: "1-7", day_of_week: "mon" }, "* * 1-7 * +MON"],
    [{ day_of_month: "1-7,15-21", day_of_week: "0,sat" }, "* * 1-7,15-21 * +0,SAT"],
    [{ day_of_month: "1-7,9", day_of_week: "mon" }, "* * 1-7,9 * +MON"],
    [{ day_of_month: "*/2", day_of_week: "mon" }, "* * */2 * +MON"],
    [{ day_of_month: "29-31", day_of_week: "wed" }, "* * 29-31 * +WED"],
  ])("%j is %s", (fields, expression) => {
    expect(convertCrontab({ ...EVERY, ...fields })).toEqual({ expression });
  });

  test("one too long is written shorter", () => {
    const minute = Array.from({ length: 60 }, (_, value) => value)
      .filter((value) => value !== 30)
      .join(",");
    expect(convertCrontab({ ...EVERY, minute, hour: "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16" })).toEqual({
      expression: "0-29,31-59 1-16 * * *",
    });
  });

  test.each<[Partial<CeleryCrontab>, string]>([
    [{ minute: "60" }, 'its minute "60" is not valid in Celery either'],
    [{ hour: "5/2" }, 'its hour "5/2" is not valid in Celery either'],
    [{ day_of_month: "0" }, 'its day of month "0" is not valid in Celery either'],
    [{ day_of_week: "noday" }, 'its day of week "noday" is not valid in Celery either'],
    [{ minute: "" }, 'its minute "" is not valid in Celery either'],
    [{ minute: "*/0" }, 'its minute "*/0" is not valid in Celery either'],
  ])("%j has no counterpart", (fields, problem) => {
    expect(convertCrontab({ ...EVERY, ...fields })).toEqual({ problem });
  });
});
