import { afterEach, expect, test, vi } from "vitest";
import { IdSource, isUuid } from "../../../src/lib/uuid.ts";

afterEach(() => void vi.useRealTimers());

/** The milliseconds that a UUIDv7 begins with. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

function make(count: number, source = new IdSource()): string[] {
  return Array.from({ length: count }, () => source.next());
}

test("ids of a source are UUIDv7s that sort as they were made, over several draws of random bytes", () => {
  const before = Date.now();
  const ids = make(10_000);
  expect(ids.filter((id) => !isUuid(id) || !/^.{14}7.{4}[89ab]/.test(id))).toEqual([]);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(timeOf(ids[0]!)).toBeGreaterThanOrEqual(before);
  expect(timeOf(ids.at(-1)!)).toBeLessThanOrEqual(Date.now());
});

test("the random end of an id is never used twice, nor shared between sources", () => {
  const ends = [...make(2_000), ...make(2_000)].map((id) => id.slice(-11));
  expect(new Set(ends).size).toBe(ends.length);
});

test("ids keep rising when the clock is set back", () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const source = new IdSource();
  const early = make(3, source);
  vi.setSystemTime(1_799_999_000_000);
  const late = make(3, source);
  expect([...early, ...late].toSorted()).toEqual([...early, ...late]);
  expect(timeOf(late[2]!)).toBe(1_800_000_000_000);
});
