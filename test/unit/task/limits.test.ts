import { describe, expect, test } from "vitest";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { ConcurrencyRoom, ENDLESS_ROOM, fairShares } from "../../../src/task/limits/fair-shares.ts";
import {
  describeKey,
  limitKeyOf,
  partOf,
  readLimits,
  type TaskLimits,
} from "../../../src/task/limits/limits.ts";
import { formatRate, parseRate } from "../../../src/task/limits/rate.ts";

const limitsOf = (options: Parameters<typeof readLimits>[0]): TaskLimits => readLimits(options, [])!;
const sharesOf = (...how: Parameters<typeof fairShares>): Record<string, number> =>
  Object.fromEntries(fairShares(...how).shares.map(({ key, count }) => [key, count]));

describe("rates", () => {
  test.each([
    ["100/s", 100, 1_000],
    [" 10/m ", 10, 60_000],
    ["5/h", 5, 3_600_000],
    ["1000/d", 1_000, 86_400_000],
  ])("%s", (text, limit, windowMs) => {
    expect(parseRate(text)).toEqual({ limit, windowMs });
    expect(formatRate({ limit, windowMs })).toBe(text.trim());
  });

  test.each([
    "",
    "0/s",
    "-1/s",
    "1.5/s",
    "10",
    "10/w",
    "10 / s",
    "10/sec",
    "/s",
    "12345678/s",
    10,
    null,
    undefined,
  ])("%s is none", (text) => expect(parseRate(text)).toBeNull());
});

describe("the limits of a definition", () => {
  test("none costs nothing", () => {
    expect(defineTask({ name: "a", run: () => null }).limits).toBeNull();
  });

  test("every mistake is reported with option, value and rule", () => {
    const define = () =>
      defineTask({
        name: "a",
        rateLimit: { limit: "10/w", key: "a..b" },
        concurrency: [{ max: 0 }, { max: 1.5, key: 7 as unknown as string }],
        run: () => null,
      });
    expect(define).toThrow(/rateLimit: expected a number of starts .* got "10\/w"/);
    expect(define).toThrow(/concurrency: expected an integer from 1 to 1000000, got 0/);
    expect(define).toThrow(/got 1\.5/);
    expect(define).toThrow(/concurrency\.key: expected a path .* got 7/);
    expect(() => defineTask({ name: "a", concurrency: [], run: () => null })).toThrow(
      /array of 1 to 4, got 0/,
    );
    expect(() => defineTask({ name: "a", rateLimit: { limit: "1/s", key: "" }, run: () => null })).toThrow(
      /rateLimit\.key/,
    );
  });

  test("tasks are counted by hashes that reveal nothing of the input; equal inputs have equal hashes", () => {
    const limits = limitsOf({ concurrency: { max: 2, key: "customer.id" } });
    const of = (id: unknown): string => limitKeyOf(limits, { customer: { id } } as never);
    expect(of("secret")).toMatch(/^[\w-]{16}$/);
    expect(of("secret")).toBe(of("secret"));
    expect(new Set([of("1"), of(1), of(null), of("other"), of({ a: 1 })]).size).toBe(5);
    // Whatever leads nowhere is one value.
    expect(limitKeyOf(limits, {})).toBe(of(null));
    expect(limitKeyOf(limits, { customer: "x" })).toBe(of(null));
    expect(limitKeyOf(limitsOf({ concurrency: { max: 1, key: "constructor.name" } }), {})).toBe(of(null));
  });

  test("limits with the same key share its count, and each is counted by its own part", () => {
    const byKind = ({ kind }: { kind: string }): string => kind;
    const limits = limitsOf({
      rateLimit: { limit: "1/s", key: "customer" },
      concurrency: [{ max: 9 }, { max: 3, key: byKind }, { max: 2, key: "customer" }],
    });
    expect(limits.keys).toEqual(["customer", byKind]);
    const [all, kind, customer] = limits.concurrency;
    const [a, b] = [
      { customer: "x", kind: "k" },
      { customer: "x", kind: "l" },
    ].map((one) => limitKeyOf(limits, one));
    expect(a).not.toBe(b);
    expect([partOf(a!, customer!), partOf(a!, all!)]).toEqual([partOf(b!, limits.rate!), ""]);
    expect(partOf(a!, kind!)).not.toBe(partOf(b!, kind!));
    expect([all!, kind!, customer!].map((one) => describeKey(limits, one))).toEqual([
      null,
      "(function)",
      "customer",
    ]);
  });

  test("a function that does not return a string is a mistake of the input", () => {
    const limits = limitsOf({ concurrency: { max: 1, key: () => undefined as unknown as string } });
    expect(() => limitKeyOf(limits, {})).toThrow(
      "it must return a string or a number, and returned a undefined",
    );
  });
});

describe("fair shares", () => {
  const waiting = [
    { key: "a", count: 5 },
    { key: "b", count: 1 },
    { key: "c", count: 3 },
  ];

  test("keys take turns, in the order given", () => {
    expect(fairShares(waiting, 2, ENDLESS_ROOM)).toEqual({
      shares: [
        { key: "a", count: 1 },
        { key: "b", count: 1 },
      ],
      total: 2,
      lastKey: "b",
    });
    expect(sharesOf(waiting, 6, ENDLESS_ROOM)).toEqual({ a: 3, b: 1, c: 2 });
    expect(sharesOf(waiting, 100, ENDLESS_ROOM)).toEqual({ a: 5, b: 1, c: 3 });
    expect(fairShares(waiting, 0, ENDLESS_ROOM)).toEqual({ shares: [], total: 0, lastKey: null });
  });

  test("a key that is at its limit is passed over, and the limit of all ends the round", () => {
    const limits = [
      { max: 6, key: null },
      { max: 2, key: 0 },
    ];
    const room = (running: Record<string, number>) =>
      new ConcurrencyRoom(limits, new Map(Object.entries(running)));
    expect(sharesOf(waiting, 100, room({}))).toEqual({ a: 2, b: 1, c: 2 });
    expect(sharesOf(waiting, 100, room({ a: 2 }))).toEqual({ b: 1, c: 2 });
    expect(sharesOf(waiting, 100, room({ a: 1, x: 3 }))).toEqual({ a: 1, b: 1 });
    expect(sharesOf(waiting, 100, room({ x: 7 }))).toEqual({});
  });
});
