import { expect, test } from "vitest";
import { readTiming, toTimingJson } from "../../../../src/task/timing/timing-json.ts";

test.each([
  [{ interval: { every: "5s" } }, { kind: "interval", everyMs: 5_000 }, { interval: { every: "PT5S" } }],
  [{ interval: { every: 1_500 } }, { kind: "interval", everyMs: 1_500 }, { interval: { every: "PT1.5S" } }],
  [{ crontab: "@daily" }, { kind: "crontab", expression: "@daily" }, { crontab: "@daily" }],
  [
    { clocked: "2027-01-01T08:00:00+08:00" },
    { kind: "clocked", at: new Date("2027-01-01T00:00:00Z") },
    { clocked: "2027-01-01T00:00:00.000Z" },
  ],
  [
    { solar: { event: "SUNRISE", latitude: 1, longitude: -2 } },
    { kind: "solar", event: "SUNRISE", latitude: 1, longitude: -2 },
    { solar: { event: "SUNRISE", latitude: 1, longitude: -2 } },
  ],
])("reads %j, and writes it so that it reads the same", (json, timing, written) => {
  expect(readTiming(json)).toEqual(timing);
  expect(toTimingJson(readTiming(json))).toEqual(written);
  expect(readTiming(written)).toEqual(timing);
});

test.each([
  [null, /expected one of .* got null/],
  [{}, /expected one of .* got \{\}/],
  [[], /expected one of/],
  [{ every: 5 }, /got "every"/],
  [{ crontab: "* * * * *", clocked: "2027-01-01T00:00:00Z" }, /expected one of/],
  [{ crontab: 5 }, /crontab: expected a string, got 5/],
  [{ interval: "5s" }, /interval.every: expected a duration such as "5s", got "5s"/],
  [{ interval: { every: "soon" } }, /got \{"every":"soon"\}/],
  [{ clocked: "tomorrow" }, /clocked: expected a timestamp with a time zone .*, got "tomorrow"/],
  [{ clocked: "2027-01-01T00:00:00" }, /with a time zone/],
  [
    { solar: { event: "MOONRISE", latitude: 1, longitude: 1 } },
    /solar.event: expected one of DAWN_ASTRONOMICAL/,
  ],
  [{ solar: { event: "SUNRISE", latitude: "1", longitude: 1 } }, /expected numbers/],
])("refuses %j", (json, message) => {
  expect(() => readTiming(json)).toThrow(message);
});
