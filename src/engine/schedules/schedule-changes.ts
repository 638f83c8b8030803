import type { ScheduleSpec } from "../../task/schedule/schedule.ts";

const KEYS = [
  "name",
  "description",
  "enabled",
  "taskName",
  "args",
  "options",
  "timing",
  "timeZone",
  "startAt",
  "endAt",
  "maxRuns",
  "overlap",
  "misfire",
  "jitterMs",
] as const satisfies readonly (keyof ScheduleSpec)[];

/** Returns the fields of `after` that differ from `before`. */
export function changesOf(before: ScheduleSpec, after: ScheduleSpec): Partial<ScheduleSpec> {
  const changed = KEYS.filter((key) => !sameJson(before[key], after[key]));
  return Object.fromEntries(changed.map((key) => [key, after[key]])) as Partial<ScheduleSpec>;
}

/** Returns whether two values are the same JSON; the order of keys does not count. */
export function sameJson(one: unknown, other: unknown): boolean {
  return sorted(one) === sorted(other);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
