import { expect, test } from "vitest";
import { findCrontabMistake } from "../../../../src/task/timing/crontab-fields.ts";
import { Occurrences } from "../../../../src/task/timing/occurrences.ts";
import { describeTiming, LANGUAGES } from "../../../../src/task/timing/words.ts";

test.each([
  ["61 * * * *", "minute", 1, "61 is over 59"],
  ["0 24 * * *", "hour", 3, "24 is over 23"],
  ["0 0 0 * *", "day of month", 5, "0 is under 1"],
  ["0 0 1,32 * *", "day of month", 7, "32 is over 31"],
  ["0  0 1 13 *", "month", 8, "13 is over 12"],
  ["0 0 1 * 8", "day of week", 9, "8 is over 7"],
  ["*/10 60 0 1 * *", "minute", 6, "60 is over 59"],
  ["0,,1 * * * *", "minute", 3, "a value is missing"],
  ["*/0 * * * *", "minute", 1, 'the step "0" is not an integer from 1'],
  ["*/99 * * * *", "minute", 1, "the step 99 is over 59"],
  ["1-5/2/2 * * * *", "minute", 1, '"1-5/2/2" has two steps'],
  ["5/15 * * * *", "minute", 1, '"5/15" steps from a single value; write 5-59/15'],
  ["0 22-2 * * *", "hour", 3, "the range 22-2 ends before it begins"],
  ["0 1-2-3 * * *", "hour", 3, '"1-2-3" is not a range'],
  ["0 0 * JANUARY *", "month", 7, '"UARY" may not follow JAN'],
  ["0 0 * FOO *", "month", 7, '"FOO" is not a month (1-12, JAN-DEC)'],
  ["0 0 W15 * *", "day of month", 5, '"W15" is not a day of month'],
  ["0 0 * * 5#6", "day of week", 9, '"#6" may not follow 5'],
  ["1L * * * *", "minute", 1, '"L" may not follow 1'],
  ["-5 * * * *", "minute", 1, '"" is not a minute'],
  ["0 0 1 * +8", "day of week", 10, "8 is over 7"],
  ["0 0 1 * +", "day of week", 10, "a value is missing"],
  ["0 0 1 * ++1", "day of week", 10, '"+1" is not a day of week (0-7, SUN-SAT)'],
  ["0 0 +1 * *", "day of month", 5, '"+1" is not a day of month'],
  ["H * * * *", "minute", 1, '"H" is not a minute'],
] as const)("%j is refused with its field and position", (expression, field, position, message) => {
  expect(findCrontabMistake(expression)).toEqual({ field, position, message });
});

test.each([
  ["", 1, /^has 0 fields/],
  ["* * *", 1, /^has 3 fields; a crontab has 5 .* or 6 with seconds in front$/],
  ["* * * * * * *", 1, /^has 7 fields/],
  ["@reboot", 1, /^"@reboot" is not a nickname; known: @yearly/],
  [" @constructor", 2, /is not a nickname/],
  ["@daily x", 8, /^nothing may follow @daily$/],
  [`0 0 * * ${"1,".repeat(100)}1`, 201, /^longer than 200 characters$/],
])("%j is refused as a whole", (expression, position, message) => {
  expect(findCrontabMistake(expression)).toEqual({
    field: null,
    position,
    message: expect.stringMatching(message),
  });
});

// A regular expression that goes back and forth over such texts would never come to these answers.
test("a hostile string is refused for its length, or at its first mistake", () => {
  const long = findCrontabMistake(`${"*-".repeat(50_000)} * * * *`);
  expect(long).toEqual({ field: null, position: 201, message: "longer than 200 characters" });
  const many = findCrontabMistake(`${"1-1/1,".repeat(30)}x * * * *`);
  expect(many).toEqual({ field: "minute", position: 181, message: '"x" is not a minute' });
});

const GOOD = [
  "* * * * *",
  "*/5 * * * *",
  "0 9-17/2 * * MON-FRI",
  "0 0 L * *",
  "0 0 LW * *",
  "0 0 15W * *",
  "0 0 * * 5#2",
  "0 0 * * FRI#L",
  "0 0 1,15W * *",
  "0 0 31w * *",
  "0 0 l * *",
  "0 0 * * 5L",
  "0 0 * jan,DEC *",
  "? ? * * ?",
  "0 0 1-7 * +MON",
  "0 0 */2 * +5#2",
  "30 0 0 1 1 *",
  "  0 0 * * 7 ",
  "@daily",
  "@HOURLY",
];

// Whatever is found right must be understood, too.
test.each(GOOD)("%j is valid, has slots, and has a description", (expression) => {
  expect(findCrontabMistake(expression)).toBeNull();
  const next = new Occurrences({ kind: "crontab", expression }, "UTC", new Date(0)).next(
    new Date("2026-11-25T00:00:00Z"),
  );
  expect(next).toBeInstanceOf(Date);
  for (const language of LANGUAGES) {
    expect(describeTiming({ kind: "crontab", expression }, "UTC", language)).toMatch(/\S.*UTC/);
  }
});

test.each([
  ["0 0 29 2 1", "at 00:00, only in February, either on day 29 of the month or on Monday"],
  ["0 0 */2 * 1", "at 00:00, every 2 days in a month, only on Monday"],
  ["0 0 10 * */2", "at 00:00, on day 10 of the month, every 2 days of the week"],
  ["0 0 1-7 * +1", "at 00:00, between day 1 and 7 of the month, only on Monday"],
  ["30 9 1,15 * MON-FRI", "at 09:30, either on day 1 and 15 of the month or Monday through Friday"],
])("%s states whether either day or both must fit", (expression, words) => {
  expect(describeTiming({ kind: "crontab", expression }, "UTC", "EN")).toBe(`${words} (UTC)`);
});

test.each([
  ["0 0 15 * *,1", "at 00:00, on day 15 of the month"],
  ["0 0 *,15 * 1", "at 00:00, only on Monday"],
  ["*,5 * * * *", "every minute"],
  ["0 *,3 * * *", "every hour"],
  ["0 0 1 ?,2 *", "at 00:00, on day 1 of the month"],
  ["0 9 * * 0-7", "every day at 09:00"],
  ["0 9 10 * 0-7", "every day at 09:00"],
  ["0 9 */2 * 0-7", "at 09:00, every 2 days in a month"],
])("in %s a list that holds a star is all values", (expression, words) => {
  expect(describeTiming({ kind: "crontab", expression }, "UTC", "EN")).toBe(`${words} (UTC)`);
});

test("the description in Chinese states it, too", () => {
  const inChinese = (expression: string): string =>
    describeTiming({ kind: "crontab", expression }, "UTC", "ZH_CN");
  expect(inChinese("0 0 29 2 1")).toBe("在00:00, 仅于二月份, 每月 29 号或星期一(UTC)");
  expect(inChinese("0 0 1-7 * +1")).toContain(" 之间, 仅星期一");
});

test.each([
  ["0 0 1,15 * MON", "01-01 01-05 01-12 01-15 01-19 01-26 02-01"],
  ["0 0 */14 * MON", "06-01 06-15 06-29"],
  ["0 0 1-7 * +MON", "01-05 02-02 03-02 04-06"],
  ["0 0 1-7 * */3", "01-03 01-04 01-07 02-01 02-04 02-07"],
])("%s is due by the rule of Vixie cron", (expression, days) => {
  const slots = new Occurrences({ kind: "crontab", expression }, "UTC", new Date(0));
  const count = days.split(" ").length;
  const found = slots.take(count, new Date("2025-12-31T12:00:00Z"));
  expect(found.map((slot) => slot.toISOString().slice(5, 10)).join(" ")).toBe(days);
});
