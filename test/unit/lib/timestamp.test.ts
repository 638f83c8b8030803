import { expect, test } from "vitest";
import { parseTimestamp } from "../../../src/lib/timestamp.ts";

test.each([
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["0001-01-01T08:00:00+08:00", "0001-01-01T00:00:00.000Z"],
  ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ["9999-12-31T11:59:59-12:00", "9999-12-31T23:59:59.000Z"],
  ["0096-02-29T00:00:00Z", "0096-02-29T00:00:00.000Z"],
  ["2026-05-01t09:00z", "2026-05-01T09:00:00.000Z"],
  ["2026-05-01T09:00:00+0200", "2026-05-01T07:00:00.000Z"],
])("%s is a timestamp", (text, utc) => {
  expect(parseTimestamp(text)?.toISOString()).toBe(utc);
});

test.each([
  "0001-01-01T00:00:00+08:00", // a year before the first
  "0000-06-01T00:00:00Z",
  "9999-12-31T23:59:59-12:00", // a year after the last
  "+010000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "1997-02-29T00:00:00Z",
  "0097-02-29T00:00:00Z", // 1997 had no such day, nor had 97
  "2026-13-01T00:00:00Z",
  "2026-05-01T24:30:00Z",
  "2026-05-01T09:00:00", // without a time zone
  "2026-05-01",
  "",
  1_777_000_000_000,
  null,
  new Date(Number.NaN),
  new Date("+010000-01-01T00:00:00Z"),
  new Date("-000001-12-31T23:59:59Z"),
])("%s is not a timestamp", (value) => {
  expect(parseTimestamp(value)).toBeNull();
});
