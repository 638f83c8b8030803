import type { Issue } from "../../errors.ts";
import { formatDuration } from "../../lib/duration.ts";
import { isTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../lib/timestamp.ts";
import { Calendars } from "./calendars.ts";
import { findCrontabMistake } from "./crontab-fields.ts";
import { Occurrences } from "./occurrences.ts";
import { HORIZON_MS, HORIZON_YEARS, SHORTEST_INTERVAL_MS, type SolarTiming, type Timing } from "./timing.ts";

/**
 * Returns all mistakes of a timing. Without mistakes it has at least one slot after `now`. Paths
 * begin with `path`.
 */
export function findTimingIssues(
  timing: Timing,
  timeZone: string,
  now: Date,
  path: readonly string[],
  calendars = new Calendars(),
): Issue[] {
  const issues = findWrongValues(timing, now, [...path, timing.kind]);
  if (issues.length > 0) return issues;
  if (new Occurrences(timing, timeZone, now, calendars).next(now) !== null) return [];
  const hint =
    timing.kind === "solar"
      ? "The sun never does that at this place."
      : "Check the day of the month against the months.";
  return [
    invalid([...path, timing.kind], `This schedule has no run in the next ${HORIZON_YEARS} years.`, hint),
  ];
}

function findWrongValues(timing: Timing, now: Date, path: readonly string[]): Issue[] {
  switch (timing.kind) {
    case "interval":
      return findWrongInterval(timing.everyMs, [...path, "every"]);
    case "crontab":
      return findWrongCrontab(timing.expression, path);
    case "clocked":
      if (!isTimestamp(timing.at))
        return [invalid(path, `expected ${TIMESTAMP_RULE}, got ${String(timing.at)}.`, TIMESTAMP_HINT)];
      if (timing.at.getTime() > now.getTime()) return [];
      return [
        invalid(
          path,
          `expected a time after ${now.toISOString()}, got ${timing.at.toISOString()}.`,
          "To run a task at once, enqueue it.",
        ),
      ];
    case "solar":
      return findWrongPlace(timing, path);
  }
}

function findWrongInterval(everyMs: number, path: readonly string[]): Issue[] {
  if (everyMs >= SHORTEST_INTERVAL_MS && everyMs <= HORIZON_MS) return [];
  const range = `${formatDuration(SHORTEST_INTERVAL_MS)} to ${formatDuration(HORIZON_MS)}`;
  return [
    invalid(
      path,
      `expected ${range}, got ${everyMs / 1_000} s.`,
      "For more than one task a second, let one task enqueue the others.",
    ),
  ];
}

function findWrongCrontab(expression: string, path: readonly string[]): Issue[] {
  const mistake = findCrontabMistake(expression);
  if (!mistake) return [];
  const where = mistake.field === null ? "The expression" : `Field ${mistake.field}`;
  const what = mistake.field === null ? ` ${mistake.message}` : `: ${mistake.message}`;
  return [
    invalid(path, `${where}${what} (position ${mistake.position}).`, 'For example "30 9 * * MON-FRI".'),
  ];
}

function findWrongPlace({ latitude, longitude }: SolarTiming, path: readonly string[]): Issue[] {
  const bounds = [
    ["latitude", latitude, 90],
    ["longitude", longitude, 180],
  ] as const;
  return bounds
    .filter(([, value, most]) => !(Math.abs(value) <= most))
    .map(([name, value, most]) =>
      invalid(
        [...path, name],
        `expected from -${most} to ${most}, got ${value}.`,
        "Degrees; north and east are positive.",
      ),
    );
}

function invalid(path: readonly string[], message: string, hint: string): Issue {
  return { code: "INVALID_INPUT", path, message, hint };
}
