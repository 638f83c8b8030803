import { describe, expect, test } from "vitest";
import { Occurrences } from "../../../../src/task/timing/occurrences.ts";
import { LONG } from "../../../fault/support/load.ts";
import { Random } from "../../../fault/support/random.ts";
import { type MinuteTable, referenceSlots, tableOf } from "../../../support/timing-reference.ts";

const ZONES = [
  "Europe/Vienna",
  "America/New_York",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Africa/Cairo",
  "Asia/Kolkata",
  "Asia/Shanghai",
];
const FROM = Date.UTC(2026, 0, 1);
const DAYS = 730;
const HOUR = 3_600_000;
/** `FAULT_LONG=true` tries all 200; else some by chance. */
const EXPRESSIONS = LONG ? 200 : 24;
/** With more slots than this in two years only those near a change of the clocks are compared. */
const MANY = 3_000;

const random = new Random("dst-matrix");

/** Expressions of all kinds, most of them due around the hours at which clocks are changed. */
function someExpression(): string {
  const minute = random.pick(["0", "30", "15,45", "*/20", "59", "1-5", "*", String(random.between(0, 59))]);
  const hour = random.pick([
    "*",
    "*/2",
    "*/3",
    "0-23",
    "0",
    "1",
    "2",
    "3",
    "1-3",
    "0,2,23",
    "2-4/2",
    String(random.between(0, 23)),
  ]);
  const day = random.pick([
    "*",
    "*",
    "*",
    "L",
    "15W",
    "1W",
    "31W",
    "1-31/2",
    "*/2",
    String(random.between(1, 31)),
  ]);
  const month = random.pick(["*", "*", "*", "MAR,OCT", "3-4,9-11", String(random.between(1, 12))]);
  const weekday = random.pick(["*", "*", "*", "SUN", "0", "7", "MON-FRI", "0#1", "0L", "6#5", "+MON", "*/2"]);
  return [minute, hour, day, month, weekday].join(" ");
}

const expressions = [...new Set(Array.from({ length: EXPRESSIONS }, someExpression))];

/**
 * Spans of the table in which slots are compared: all of it, or some hours around each change and
 * some by chance.
 */
function spansOf(table: MinuteTable, slots: number): readonly (readonly [number, number])[] {
  const end = FROM + DAYS * 24 * HOUR;
  if (slots <= MANY) return [[FROM, end]];
  const changes = [...table.local.keys()].filter(
    (minute) => minute > 0 && table.local[minute]! !== table.local[minute - 1]! + 1,
  );
  const middles = [
    ...changes.map((minute) => FROM + minute * 60_000),
    FROM + random.between(10, 700) * 24 * HOUR,
  ];
  return middles.map(
    (middle) => [Math.max(FROM, middle - 6 * HOUR), Math.min(end, middle + 6 * HOUR)] as const,
  );
}

describe.each(ZONES)("in %s", (zone) => {
  const table = tableOf(zone, FROM, DAYS);
  const references = new Map(
    expressions.map((expression) => [expression, referenceSlots(expression, table)]),
  );

  test("the slots of two years equal those of the reference", { timeout: 600_000 }, () => {
    let compared = 0;
    for (const expression of expressions) {
      const expected = references.get(expression)!;
      const slots = new Occurrences({ kind: "crontab", expression }, zone, new Date(FROM));
      for (const [from, to] of spansOf(table, expected.length)) {
        const found: number[] = [];
        for (let at = slots.next(new Date(from)); at !== null && at.getTime() < to; at = slots.next(at))
          found.push(at.getTime());
        const wanted = expected.filter((at) => at > from && at < to);
        expect(found.map(show), expression).toEqual(wanted.map(show));
        compared += wanted.length;
      }
    }
    expect(compared).toBeGreaterThan(expressions.length);
  });

  // Beat goes by the last slot; a clock that was wrong for a while must not make it see other
  // slots.
  test("asked an hour too early or too late, the next slot is the same one or the next in line", () => {
    for (const expression of expressions.slice(0, 12)) {
      const expected = references.get(expression)!;
      const slots = new Occurrences({ kind: "crontab", expression }, zone, new Date(FROM));
      for (let round = 0; round < 20; round += 1) {
        const now = FROM + random.between(1, DAYS * 24 - 24) * HOUR + random.between(0, 3_599) * 1_000;
        for (const step of [-HOUR, 0, HOUR]) {
          const wanted = expected.find((at) => at > now + step);
          if (wanted !== undefined)
            expect(
              show(slots.next(new Date(now + step))!.getTime()),
              `${expression} after ${show(now + step)}`,
            ).toBe(show(wanted));
        }
      }
    }
  });
});

const show = (at: number): string => new Date(at).toISOString();
