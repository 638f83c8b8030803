import { expect, test } from "vitest";
import { decodeEvents, encodeEvents } from "../../../src/events/codec/event-codec.ts";
import type { ScheduleEvent } from "../../../src/task/records/event.ts";
import type { ScheduleSummary } from "../../../src/task/schedule/schedule.ts";
import type { Timing } from "../../../src/task/timing/timing.ts";

const SCHEDULE: ScheduleSummary = {
  id: "0f35cd94-5a02-4b98-ad8f-85dc2445a0e3",
  name: "每日",
  enabled: true,
  taskName: "report.make",
  timing: { kind: "crontab", expression: "0 9 * * *" },
  timeZone: "Asia/Shanghai",
  startAt: null,
  endAt: new Date("2031-01-01T00:00:00Z"),
  maxRuns: null,
  overlap: "SKIP",
  misfire: "CATCH_UP",
  jitterMs: 5_000,
  source: "CODE",
  version: 3,
  createdAt: new Date("2026-01-01T00:00:00.123Z"),
  updatedAt: new Date("2026-01-02T00:00:00Z"),
  createdBy: "ann",
  decidedUntil: new Date("2026-01-03T00:00:00Z"),
  nextSlot: new Date("2026-01-04T00:00:00Z"),
  nextRunAt: null,
  lastRunAt: new Date("2026-01-03T00:00:01Z"),
  lastTaskId: null,
  totalRunCount: 2,
  problem: null,
};

test.each<Timing>([
  SCHEDULE.timing,
  { kind: "interval", everyMs: 1_500 },
  { kind: "clocked", at: new Date("2027-01-01T00:00:00Z") },
  { kind: "solar", event: "SUNSET", latitude: 31.2, longitude: 121.5 },
  // As a row shows it that was edited by hand.
  { kind: "crontab", expression: '{"every":5}' },
])("the event of a schedule with %j is read as it was written", (timing) => {
  const event: ScheduleEvent = {
    kind: "schedule",
    type: "FIRED",
    at: new Date("2026-01-03T00:00:02Z"),
    schedule: { ...SCHEDULE, timing },
  };
  expect(decodeEvents(encodeEvents([event]))).toEqual([event]);
});

test.each([
  '[["s","EXPLODED",1,{"id":"x"}]]',
  '[["s","FIRED",1,null]]',
  '[["s","FIRED",1]]',
  '[["s","FIRED",1,{"id":"x"}]]',
])("an invalid event is skipped: %s", (text) => {
  expect(decodeEvents(text)).toEqual([null]);
});
