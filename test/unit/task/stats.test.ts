import { expect, test } from "vitest";
import {
  type CountedOutcome,
  STATS_WINDOWS,
  summarize,
  WINDOW_SHAPES,
} from "../../../src/task/records/stats.ts";

const MINUTE = 60_000;
const since = new Date("2026-05-01T09:00:00Z");
const counts = {
  since,
  until: new Date("2026-05-01T09:03:20Z"),
  stepMs: MINUTE,
  ended: new Map<CountedOutcome, number[]>(),
  runTimes: new Map<number, number>(),
  waitTimes: new Map<number, number>(),
};

test("every step has its point, the one under way as well, also where nothing ended", () => {
  const ended = new Map<CountedOutcome, number[]>([
    ["SUCCESS", Object.assign([2], { 2: 5 })],
    ["FAILURE", [1]],
  ]);
  const stats = summarize({ ...counts, ended });
  expect(stats.succeeded.map(({ at, value }) => [at.toISOString().slice(11, 16), value])).toEqual([
    ["09:00", 2],
    ["09:01", 0],
    ["09:02", 5],
    ["09:03", 0],
  ]);
  expect(stats.throughput.map(({ value }) => value)).toEqual([3, 0, 5, 0]);
  expect(stats).toMatchObject({ success: 7, failure: 1, revoked: 0, retried: 0, failureRate: 1 / 8 });
});

test("where nothing ended there is neither a rate of failures nor a percentile", () => {
  expect(summarize(counts)).toMatchObject({ failureRate: 0, runTimeP50: null, waitTimeP95: null });
});

test("steps are whole minutes where minutes are kept, whole hours beyond, and fit into their windows", () => {
  for (const window of STATS_WINDOWS) {
    const { lengthMs, stepMs } = WINDOW_SHAPES[window];
    expect(lengthMs % stepMs, window).toBe(0);
    expect(stepMs % (lengthMs <= 24 * 60 * MINUTE ? MINUTE : 60 * MINUTE), window).toBe(0);
  }
});
