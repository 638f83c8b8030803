import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fingerprintOf, normalizeMessage, locationOf } from "../../../src/worker/attempt/fingerprint.ts";
import { describeError } from "../../../src/worker/attempt/task-error.ts";

describe("normalizeMessage", () => {
  test.each([
    ["user 42 is unknown", "user 4711 is unknown"],
    ["took 1.5 s, at most 2,000 ms", "took 33.25 s, at most 10 ms"],
    [
      "task 0198b2c4-1111-7222-8333-444455556666 is gone",
      "task 0198b2c4-9999-7aaa-8bbb-ccccddddeeee is gone",
    ],
    ["commit 9f86d081884c7d65 of 0xDEADBEEF", "commit 60303ae22b998861 of 0x1"],
    ['no key "a b" in `x`', 'no key "c" in `y z`'],
    ["no user 'ada', can't go on", "no user 'grace', can't go on"],
    ["ENOENT: no such file, open /var/data/a.csv", "ENOENT: no such file, open /srv/x/y/b.csv"],
    [String.raw`cannot read C:\data\one.txt`, String.raw`cannot read D:\two.txt`],
    ["GET https://a.example.org/x?id=1 failed", "GET https://b.example.org/y/z failed"],
    ["cannot write to ada@example.org", "cannot write to grace.h+x@mail.example.com"],
    ["due at 2026-05-01T09:00:00.123Z", "due at 2027-11-30T23:59:59Z"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 10.0.0.7:6000"],
    ["line one\n  line two", "line one line two"],
  ])("%j and %j have the same fingerprint", (one, other) => {
    expect(normalizeMessage(one)).toBe(normalizeMessage(other));
  });

  test.each([
    ["user is unknown", "user is locked"],
    ["can't open the file, won't retry", "can't close the file, won't retry"],
    ["the deadbeat facade", "the effaced decade"],
    ["and/or", "either"],
  ])("%j and %j have different fingerprints", (one, other) => {
    expect(normalizeMessage(one)).not.toBe(normalizeMessage(other));
  });

  test.each([
    "a".repeat(100_000),
    "/".repeat(100_000),
    "'".repeat(99_999),
    `x${"@".repeat(50_000)}`,
    "1:".repeat(50_000),
  ])("a long message costs no time: %.10s…", (message) => {
    const begun = performance.now();
    normalizeMessage(message);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

describe("locationOf", () => {
  const stack = (...frames: readonly string[]): string =>
    ["Error: no", ...frames.map((frame) => `    at ${frame}`)].join("\n");

  test.each([
    ["a function in a file", ["send (file:///app/dist/mail.tasks.js:12:5)"], "send mail.tasks"],
    ["an async one, by path", ["async send (/app/src/mail.tasks.ts:99:1)"], "send mail.tasks"],
    ["no function", ["file:///app/mail.tasks.mjs:1:1"], "mail.tasks"],
    ["a method", ["new Mailer (/app/mailer.cjs:4:9)"], "new Mailer mailer"],
    ["Windows", [String.raw`run (C:\app\mail.tasks.js:1:2)`], "run mail.tasks"],
    ["a file that was imported anew", ["run (file:///app/mail.tasks.js?v=3:1:2)"], "run mail.tasks"],
    [
      "below dependencies and Node",
      [
        "JSON.parse (<anonymous>)",
        "check (/app/node_modules/zod/core.js:1:1)",
        "async node:internal/timers:5:5",
        "processTicksAndRejections (node:internal/process/task_queues:105:5)",
        "run (/app/a.tasks.js:1:1)",
      ],
      "run a.tasks",
    ],
    ["nothing of the user's", ["check (/app/node_modules/zod/core.js:1:1)", "node:internal/x:1:1"], ""],
  ])("of %s", (_what, frames, location) => {
    expect(locationOf(stack(...frames), "no")).toBe(location);
  });

  test("frames of this package are skipped in every folder, those of its demo are not", () => {
    const file = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href;
    const own = ["index.ts", "task/definition/json-schema.ts", "worker/attempt/attempt.ts"];
    const frames = [
      ...own.map((path) => `run (${file(path)}:1:1)`),
      `resize (${file("demo/images.ts")}:1:1)`,
    ];
    expect(locationOf(stack(...frames), "no")).toBe("resize images");
  });

  test("a message that looks like frames is not read as frames", () => {
    const message = "no\n    at fake (/app/fake.js:1:1)";
    expect(locationOf(`Error: ${message}\n    at run (/app/a.js:1:1)`, message)).toBe("run a");
  });
});

describe("fingerprints", () => {
  const frame = (location: string): string => `Error: no\n    at ${location}`;

  test("survive a deploy: another folder, extension or line; not another function, file or type", () => {
    const before = fingerprintOf("Error", "no", frame("run (file:///release/1/dist/a.tasks.js:10:5)"));
    expect(before).toMatch(/^[\da-f]{16}$/);
    expect(fingerprintOf("Error", "no", frame("async run (/home/me/src/a.tasks.ts:99:1)"))).toBe(before);
    for (const other of ["stop (/src/a.tasks.ts:10:5)", "run (/src/b.tasks.ts:10:5)"])
      expect(fingerprintOf("Error", "no", frame(other))).not.toBe(before);
    expect(fingerprintOf("TypeError", "no", frame("run (/dist/a.tasks.js:10:5)"))).not.toBe(before);
  });

  test("of thrown errors: the same location is the same failure, whatever the line, id and library", () => {
    const fail = (id: number): string => {
      try {
        if (id > 0) throw new Error(`no user ${id}`);
        throw new Error(`no user ${id}`);
      } catch (error) {
        return describeError(error, true).fingerprint;
      }
    };
    const parse = (value: unknown): string => {
      try {
        return z.string().parse(value) as never;
      } catch (error) {
        return describeError(error, true).fingerprint;
      }
    };
    expect(fail(1)).toBe(fail(-22));
    expect(parse(1)).toBe(parse(1));
    expect(parse(1)).not.toBe(fail(1));
  });
});
