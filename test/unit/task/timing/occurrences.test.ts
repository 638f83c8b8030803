import { expect, test } from "vitest";
import { Occurrences } from "../../../../src/task/timing/occurrences.ts";
import { SOLAR_EVENTS, type Timing } from "../../../../src/task/timing/timing.ts";

const NEVER = new Date(0);

function slots(timing: Timing, zone: string, after: string, count = 3, anchor: Date = NEVER): string[] {
  return new Occurrences(timing, zone, anchor).take(count, new Date(after)).map((slot) => slot.toISOString());
}
const crontab = (expression: string): Timing => ({ kind: "crontab", expression });

test("an interval is counted from its anchor and does not drift, however late one asks", () => {
  const anchor = new Date("2026-11-25T10:00:00.250Z");
  const every: Timing = { kind: "interval", everyMs: 7_000 };
  expect(slots(every, "UTC", "2026-11-25T09:00:00Z", 2, anchor)).toEqual([
    "2026-11-25T10:00:00.250Z",
    "2026-11-25T10:00:07.250Z",
  ]);
  expect(slots(every, "UTC", "2026-11-25T10:00:07.250Z", 1, anchor)).toEqual(["2026-11-25T10:00:14.250Z"]);
  expect(slots(every, "UTC", "2026-11-25T10:00:20.999Z", 1, anchor)).toEqual(["2026-11-25T10:00:21.250Z"]);
});

test("an interval of a day is 24 hours, also on the day on which the clocks are changed", () => {
  const anchor = new Date("2027-03-27T08:00:00Z");
  const daily: Timing = { kind: "interval", everyMs: 86_400_000 };
  expect(slots(daily, "Europe/Vienna", "2027-03-27T08:00:00Z", 2, anchor)).toEqual([
    "2027-03-28T08:00:00.000Z",
    "2027-03-29T08:00:00.000Z",
  ]);
});

test("a clocked timing is due once", () => {
  const at = new Date("2026-12-24T18:00:00Z");
  expect(slots({ kind: "clocked", at }, "UTC", "2026-12-24T17:59:59.999Z")).toEqual([at.toISOString()]);
  expect(slots({ kind: "clocked", at }, "UTC", at.toISOString())).toEqual([]);
});

test("a fixed hour that does not exist is due once, at the first instant after the gap", () => {
  // The clocks of Vienna go from 02:00 to 03:00 at 01:00 UTC.
  expect(slots(crontab("*/20 2 * * *"), "Europe/Vienna", "2027-03-28T00:00:00Z", 2)).toEqual([
    "2027-03-28T01:00:00.000Z",
    "2027-03-29T00:00:00.000Z",
  ]);
  // Midnight itself does not exist in Santiago.
  expect(slots(crontab("@daily"), "America/Santiago", "2026-09-05T12:00:00Z", 2)).toEqual([
    "2026-09-06T04:00:00.000Z",
    "2026-09-07T03:00:00.000Z",
  ]);
});

test("a fixed hour that exists twice is due at the first of the two, also when asked between them", () => {
  const nightly = crontab("30 2 * * *");
  const [first, next] = ["2027-10-31T00:30:00.000Z", "2027-11-01T01:30:00.000Z"];
  expect(slots(nightly, "Europe/Vienna", "2027-10-30T23:00:00Z", 2)).toEqual([first, next]);
  for (const between of [
    "2027-10-31T00:45:00Z",
    "2027-10-31T01:00:00Z",
    "2027-10-31T01:10:00Z",
    "2027-10-31T01:29:59Z",
  ]) {
    expect(slots(nightly, "Europe/Vienna", between, 1), between).toEqual([next]);
  }
  // With seconds, an hour that was had already is not gone through slot by slot.
  expect(slots(crontab("* * 2 * * *"), "Europe/Vienna", "2027-10-31T01:10:00Z", 1)).toEqual([
    "2027-11-01T01:00:00.000Z",
  ]);
});

test("timings of every hour follow the existing instants", () => {
  const half = crontab("30 * * * *");
  expect(slots(half, "Europe/Vienna", "2027-10-31T00:00:00Z", 3)).toEqual([
    "2027-10-31T00:30:00.000Z",
    "2027-10-31T01:30:00.000Z",
    "2027-10-31T02:30:00.000Z",
  ]);
  expect(slots(half, "Europe/Vienna", "2027-03-28T00:00:00Z", 2)).toEqual([
    "2027-03-28T00:30:00.000Z",
    "2027-03-28T01:30:00.000Z",
  ]);
});

test("the instant of a clock change may be a slot itself", () => {
  // Lord Howe goes back by half an hour, from 02:00 to 01:30.
  expect(slots(crontab("30 * * * *"), "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 3)).toEqual([
    "2026-04-04T14:30:00.000Z",
    "2026-04-04T15:00:00.000Z",
    "2026-04-04T16:00:00.000Z",
  ]);
});

test("six fields start with seconds", () => {
  expect(slots(crontab("*/20 0 9 * * MON"), "Asia/Shanghai", "2026-11-25T00:00:00Z", 3)).toEqual([
    "2026-11-30T01:00:00.000Z",
    "2026-11-30T01:00:20.000Z",
    "2026-11-30T01:00:40.000Z",
  ]);
});

test("sun events use the day of their location; days without the event are left out", () => {
  const sunrise = (latitude: number, longitude: number): Timing => ({
    kind: "solar",
    event: "SUNRISE",
    latitude,
    longitude,
  });
  // By PyEphem 4.1.4, whose model of the sun is another one.
  const [vienna] = slots(sunrise(48.21, 16.37), "Europe/Vienna", "2026-11-25T00:00:00Z", 1);
  expect(Math.abs(Date.parse(vienna!) - Date.parse("2026-11-25T06:15:30Z"))).toBeLessThan(60_000);
  const [shanghai] = slots(sunrise(31.23, 121.47), "Asia/Shanghai", "2026-11-25T00:00:00Z", 1);
  expect(Math.abs(Date.parse(shanghai!) - Date.parse("2026-11-25T22:30:10Z"))).toBeLessThan(60_000);
  // In Longyearbyen the polar night lasts until then; so low a sun is hard to time.
  const [longyearbyen] = slots(sunrise(78.22, 15.65), "Arctic/Longyearbyen", "2026-11-25T00:00:00Z", 1);
  expect(Math.abs(Date.parse(longyearbyen!) - Date.parse("2027-02-16T10:16:08Z"))).toBeLessThan(600_000);
});

test("each event of the sun comes once a day, in its order", () => {
  const place = { latitude: 48.21, longitude: 16.37 };
  const day = SOLAR_EVENTS.map(
    (event) => slots({ kind: "solar", event, ...place }, "UTC", "2026-11-25T00:00:00Z", 1)[0]!,
  );
  expect(day).toEqual(day.toSorted());
  const noons = slots({ kind: "solar", event: "SOLAR_NOON", ...place }, "UTC", "2026-01-01T00:00:00Z", 365);
  expect(new Set(noons.map((noon) => noon.slice(0, 10))).size).toBe(365);
});
