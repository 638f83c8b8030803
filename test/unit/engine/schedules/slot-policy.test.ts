import { expect, test } from "vitest";
import { dueSlots } from "../../../../src/engine/schedules/slot-policy.ts";
import { chooseSlots } from "../../../../src/engine/schedules/slot-policy.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../../src/lib/clock.ts";
import type { MisfirePolicy, OverlapPolicy } from "../../../../src/task/schedule/schedule.ts";
import { Occurrences } from "../../../../src/task/timing/occurrences.ts";

const START = new Date("2026-05-01T00:00:00Z");
const at = (ms: number): Date => new Date(START.getTime() + ms);
const seconds = (...counts: number[]): Date[] => counts.map((count) => at(count * SECOND));

test.each<[string, number, number]>([
  ["a minute", MINUTE, 60],
  ["a quarter of an hour", 15 * MINUTE, 900],
])("all slots of %s of seconds are listed", (_, span, count) => {
  const slots = new Occurrences({ kind: "crontab", expression: "* * * * * *" }, "UTC", START);
  const due = dueSlots(slots, at(SECOND), at(span));
  expect(due.listed).toHaveLength(count);
  expect(due).toMatchObject({ uncounted: null });
  expect([due.listed[0], due.listed.at(-1)]).toEqual([at(SECOND), at(span)]);
});

test.each([
  ["* * * * * *", SECOND, HOUR],
  ["* * * * * *", SECOND, 900 * DAY],
  ["* * * * *", MINUTE, 300 * DAY],
  ["0 * * * *", HOUR, 300 * DAY],
])(
  "of more than a thousand (%s) the newest hundred are listed, and the range of the others",
  (expression, step, span) => {
    const slots = new Occurrences({ kind: "crontab", expression }, "UTC", START);
    const { listed, uncounted } = dueSlots(slots, at(step), at(span + 1));
    expect(listed).toEqual(Array.from({ length: 100 }, (_, index) => at(span - (99 - index) * step)));
    expect(uncounted).toEqual({ firstSlot: at(step), lastSlot: at(span - 100 * step) });
  },
);

test("slots that lie far apart are found however sparse the last of them are", () => {
  // Each second of one day a year, which is the day before the last: the newest minute, hour and
  // day hold none.
  const slots = new Occurrences({ kind: "crontab", expression: "* * * 1 5 *" }, "UTC", START);
  const { listed } = dueSlots(slots, at(SECOND), at(5 * DAY));
  expect([listed.length, listed.at(-1)]).toEqual([100, at(DAY - SECOND)]);
});

const choose = (
  misfire: MisfirePolicy,
  overlap: OverlapPolicy,
  unfinished: number,
  listed: Date[],
  now: Date,
) => chooseSlots({ misfire, overlap, jitterMs: null }, { listed, uncounted: null }, unfinished, now);

test.each<[MisfirePolicy, OverlapPolicy, number, number[], number[], number[]]>([
  ["CATCH_UP", "ALLOW", 5, [1, 2, 3], [], []],
  ["CATCH_UP", "SKIP", 0, [1], [], [2, 3]],
  ["CATCH_UP", "SKIP", 1, [], [], [1, 2, 3]],
  ["CATCH_UP", "QUEUE", 98, [1, 2], [], [3]],
  ["CATCH_UP", "QUEUE", 120, [], [], [1, 2, 3]],
  ["CATCH_UP", "CANCEL_PREVIOUS", 1, [3], [], [1, 2]],
  ["FIRE_ONCE", "SKIP", 1, [], [1, 2], [3]],
  ["SKIP", "ALLOW", 0, [1, 2, 3], [], []],
])("%s and %s, with %i unfinished", (misfire, overlap, unfinished, fire, missed, overlapping) => {
  const choice = choose(misfire, overlap, unfinished, seconds(1, 2, 3), at(4 * SECOND));
  expect(choice.fire).toEqual(seconds(...fire));
  const note = (counts: number[], reason: string) =>
    counts.length > 0
      ? [
          {
            firstSlot: at(counts[0]! * SECOND),
            lastSlot: at(counts.at(-1)! * SECOND),
            count: counts.length,
            reason,
          },
        ]
      : [];
  expect(choice.skipped).toEqual([...note(missed, "MISFIRED"), ...note(overlapping, "OVERLAP")]);
  expect(choice.cancelPrevious).toBe(overlap === "CANCEL_PREVIOUS");
});

test("SKIP omits slots that are more than ten seconds old", () => {
  const { fire } = choose("SKIP", "ALLOW", 0, seconds(0, 1, 2, 3), at(12 * SECOND));
  expect(fire).toEqual(seconds(2, 3));
});
