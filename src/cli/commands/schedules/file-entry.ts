import { show } from "../../../lib/quote.ts";
import { didYouMean } from "../../../lib/suggestion.ts";
import type { Issue } from "../../../errors.ts";
import type { EnqueueOptions } from "../../../task/call/enqueue-options.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";

/** The type of a field in a file; its value is checked later. */
interface Shape {
  /** Completes "expected …". */
  readonly rule: string;
  readonly fits: (value: unknown) => boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const STRING: Shape = { rule: "a string", fits: (value) => typeof value === "string" };
const NUMBER: Shape = { rule: "a number", fits: (value) => typeof value === "number" };
const FLAG: Shape = { rule: "true or false", fits: (value) => typeof value === "boolean" };
const OBJECT: Shape = { rule: "an object", fits: isObject };
const DURATION: Shape = {
  rule: 'a duration such as "90s"',
  fits: (value) => typeof value === "string" || typeof value === "number",
};
const STRINGS: Shape = {
  rule: "an array of strings",
  fits: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
const ANY: Shape = { rule: "anything", fits: () => true };

const FIELDS: Readonly<Record<keyof ScheduleInput, Shape>> = {
  name: STRING,
  taskName: STRING,
  timing: OBJECT,
  timeZone: STRING,
  args: ANY,
  options: ANY,
  description: STRING,
  enabled: FLAG,
  startAt: STRING,
  endAt: STRING,
  maxRuns: NUMBER,
  overlap: STRING,
  misfire: STRING,
  jitter: DURATION,
};
const NEEDED: ReadonlySet<string> = new Set(["name", "taskName", "timing"]);

const TIMINGS: Readonly<Record<string, Shape>> = {
  interval: OBJECT,
  crontab: STRING,
  clocked: STRING,
  solar: OBJECT,
};

const OPTIONS: Readonly<Record<string, Shape>> = {
  queue: STRING,
  priority: STRING,
  delay: DURATION,
  expiresIn: DURATION,
  maxAttempts: NUMBER,
  timeLimit: DURATION,
  softTimeLimit: DURATION,
  uniqueKey: STRING,
  onConflict: STRING,
  resultsExpire: ANY,
  ignoreResult: FLAG,
  tags: STRINGS,
  meta: OBJECT,
  runAt: ANY,
  idempotencyKey: ANY,
  debounce: ANY,
  maxWait: ANY,
};

/** An entry of a file as a schedule; null if a type is wrong. A null field counts as absent. */
export function readEntry(entry: unknown, path: readonly string[], issues: Issue[]): ScheduleInput | null {
  const before = issues.length;
  if (!isObject(entry)) {
    const message = `expected a schedule such as {"name": "nightly", "taskName": "report.make", "timing": {"crontab": "0 3 * * *"}}, got ${show(entry)}.`;
    issues.push({ code: "INVALID_INPUT", path, message });
    return null;
  }
  const given = withoutNulls(entry);
  for (const key of NEEDED) {
    if (!(key in given))
      issues.push({ code: "INVALID_INPUT", path: [...path, key], message: "expected a value, got none." });
  }
  issues.push(...findProblems(given, FIELDS, path, "a field of a schedule"));
  if (isObject(given["timing"]))
    issues.push(...findProblems(given["timing"], TIMINGS, [...path, "timing"], "a kind of timing"));
  const options = "options" in given ? readTaskOptions(given["options"], [...path, "options"], issues) : {};
  return issues.length === before ? ({ ...given, options } as unknown as ScheduleInput) : null;
}

/** A task's options of the right types. A null option counts as absent. */
export function readTaskOptions(options: unknown, path: readonly string[], issues: Issue[]): EnqueueOptions {
  if (isObject(options)) {
    issues.push(...findProblems(options, OPTIONS, path, "an option of a task"));
    return withoutNulls(options);
  }
  issues.push({ code: "INVALID_INPUT", path, message: `expected an object, got ${show(options)}.` });
  return {};
}

function withoutNulls(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}

function findProblems(
  values: Readonly<Record<string, unknown>>,
  shapes: Readonly<Record<string, Shape>>,
  path: readonly string[],
  what: string,
): Issue[] {
  return Object.entries(values).flatMap(([key, value]): Issue[] => {
    const where = [...path, key];
    if (!Object.hasOwn(shapes, key)) {
      const known = Object.keys(shapes);
      const hint = didYouMean(key, known, `Known: ${known.join(", ")}.`);
      return [{ code: "INVALID_INPUT", path: where, message: `is not ${what}.`, hint }];
    }
    const { rule, fits } = shapes[key]!;
    if (value === null || fits(value)) return [];
    return [{ code: "INVALID_INPUT", path: where, message: `expected ${rule}, got ${show(value)}.` }];
  });
}
