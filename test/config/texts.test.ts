import { expect, test } from "vitest";
import { closest } from "../../src/lib/closest.ts";
import { maskUrl } from "../../src/config/mask.ts";
import { showSetting } from "../../src/config/show.ts";
import { isLoopback } from "../../src/config/rules.ts";

test.each([
  ["hello.ad", "hello.add"],
  ["Wroker", "worker"],
  ["--conc", "--concurrency"],
  ["prot", "port"],
  ["ab", null],
  ["entirely-different", null],
])("%s most likely means %s", (word, expected) => {
  expect(closest(word, ["hello.add", "hello.sub", "worker", "--concurrency", "port"])).toBe(expected);
});

test.each([
  ["redis://:secret@host:6379/0", "redis://:***@host:6379/0"],
  ["postgres://ada:p@ss:w/rd@host/db", "postgres://ada:***@host/db"],
  [
    "postgres://ada@host/db?password=secret&sslmode=require",
    "postgres://ada@host/db?password=***&sslmode=require",
  ],
  ["http://127.0.0.1:4000", "http://127.0.0.1:4000"],
])("%s is shown as %s", (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

test.each([
  ["graceTime", 0, "0ms"],
  ["heartbeat", 90_000, "90s"],
  ["heartbeat", 1_500, "1500ms"],
  ["resultsExpire", 604_800_000, "7d"],
  ["port", 4000, "4000"],
  ["subscriptionLimits", { total: 3, perAddress: 2, perToken: 1 }, "total=3,perAddress=2,perToken=1"],
  ["token", "0123456789abcdef", "***"],
  ["queues", ["a", "b"], "a, b"],
  ["dataDir", null, ""],
] as const)("%s of %o is shown as %s", (key, value, shown) => {
  expect(showSetting(key, value)).toBe(shown);
});

test.each([
  ["127.0.0.1", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["127.example.org", false],
  ["192.168.0.1", false],
])("%s is reachable from this machine only: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
