import { expect, test } from "vitest";
import { closest } from "../../../src/lib/suggestion.ts";
import { showServiceUrl } from "../../../src/lib/net/service-url.ts";
import { showSetting } from "../../../src/config/show.ts";
import { isLoopback } from "../../../src/config/rules.ts";

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
  ["redis://:secret@host:6379/0", "redis://***@host:6379/0"],
  ["redis://secret@host", "redis://***@host"],
  ["postgres://ada:p@ss@host/db", "postgres://***@host/db"],
  ["postgres://ada:p@ss:w/rd@host/db", null],
  ["postgres://app:/secret+x=@127.0.0.1/x", null],
  ["postgres://app:1/secret@127.0.0.1/x", null],
  ["postgres://app:1?secret@127.0.0.1/x", null],
  ["postgres://app:1#secret@127.0.0.1/x", null],
  ["postgres://app:sec ret@127.0.0.1/x", null],
  ["postgres://app:secret/x", null],
  ["redis://:9f/secret@127.0.0.1:6399", null],
  ["mysql://secret/db", null],
  ["host=h password=secret", null],
  ["postgres://ada@host/db?password=secret&sslmode=require", "postgres://***@host/db?…"],
  ["rediss+sentinel://:a@[::1]:1,h:2/main/0", "rediss+sentinel://***@[::1]:1,h:2/main/0"],
  ["http://127.0.0.1:4000", "http://127.0.0.1:4000"],
])("%s is shown as %s", (url, shown) => {
  expect(showServiceUrl(url)).toBe(shown);
});

test.each([
  ["graceTime", 0, "0ms"],
  ["heartbeat", 90_000, "90s"],
  ["heartbeat", 1_500, "1500ms"],
  ["resultsExpire", 604_800_000, "7d"],
  ["port", 4000, "4000"],
  ["subscriptionLimits", { total: 3, perAddress: 2, perToken: 1 }, "total=3,perAddress=2,perToken=1"],
  ["token", "k7Qw-2fXz9Lm4RtB", "***"],
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
