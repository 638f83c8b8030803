import { expect, test } from "vitest";
import { isTimeZone, nearestTimeZone } from "../../../../src/task/timing/zone-names.ts";

test.each([
  ["UTC+8", "Etc/GMT-8"],
  ["utc-5", "Etc/GMT+5"],
  ["GMT+08:00", "Etc/GMT-8"],
  ["UTC+5:30", "+05:30"],
  ["UTC+0", "UTC"],
  ["PST", "America/Los_Angeles"],
  ["Europe/Viena", "Europe/Vienna"],
  ["America/NewYork", "America/New_York"],
  ["paris", "Europe/Paris"],
  ["Tokio", "Asia/Tokyo"],
  ["Europe/Wien", "Europe/Vienna"],
  ["Asia/Beijing", "Asia/Shanghai"],
])("for %s the suggestion is %s, which is a time zone", (wrong, suggestion) => {
  expect(isTimeZone(suggestion)).toBe(true);
  expect(nearestTimeZone(wrong)).toBe(suggestion);
});

test.each(["UTC+25", "UTC 8", "Z", "local", "Etc/Unknown", "Foo/Bar", "Germany", "x", "😀", ""])(
  "a name that is like no zone's, such as %j, gets no suggestion",
  (wrong) => {
    expect(nearestTimeZone(wrong)).toBe(null);
  },
);
