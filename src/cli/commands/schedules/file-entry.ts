import { show } from "../../../lib/quote.ts";
import { closest } from "../../../lib/suggestion.ts";
import type { Issue } from "../../../errors.ts";
import type { EnqueueOptions } from "../../../task/call/enqueue-options.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";

/** What a field of a file must be, to begin with; what it says is checked later. */
interface Shape {
  /** Completes "must be …". */
  readonly rule: string;
  readonly fits: (value: unknown) => boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TEXT: Shape = { rule: "a text", fits: (value) => typeof value === "string" };
const NUMBER: Shape = { rule: "a number", fits: (value) => typeof value === "number" };
const FLAG: Shape = { rule: "true or false", fits: (value) => typeof value === "boolean" };
const OBJECT: Shape = { rule: "an object", fits: isObject };
const SPAN: Shape = {
  rule: 'a duration such as "90s"',
  fits: (value) => typeof value === "string" || typeof value === "number",
};
const TEXTS: Shape = {
  rule: "a list of texts",
  fits: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
const ANY: Shape = { rule: "anything", fits: () => true };

const FIELDS: Readonly<Record<keyof ScheduleInput, Shape>> = {
  name: TEXT,
  taskName: TEXT,
  timing: OBJECT,
  timeZone: TEXT,
  args: ANY,
  options: ANY,
  description: TEXT,
  enabled: FLAG,
  startAt: TEXT,
  endAt: TEXT,
  maxRuns: NUMBER,
  overlap: TEXT,
  misfire: TEXT,
  jitter: SPAN,
};
const NEEDED: ReadonlySet<string> = new Set(["name", "taskName", "timing"]);

const TIMINGS: Readonly<Record<string, Shape>> = {
  interval: OBJECT,
  crontab: TEXT,
  clocked: TEXT,
  solar: OBJECT,
};

const OPTIONS: Readonly<Record<string, Shape>> = {
  queue: TEXT,
  priority: TEXT,
  delay: SPAN,
  expiresIn: SPAN,
  maxAttempts: NUMBER,
  timeLimit: SPAN,
  softTimeLimit: SPAN,
  uniqueKey: TEXT,
  onConflict: TEXT,
  resultsExpire: ANY,
  ignoreResult: FLAG,
  tags: TEXTS,
  meta: OBJECT,
  runAt: ANY,
  idempotencyKey: ANY,
  debounce: ANY,
  maxWait: ANY,
};

/** An entry of a file as a schedule, null where its shape is wrong. What is null counts as left out. */
export function readEntry(entry: unknown, path: readonly string[], issues: Issue[]): ScheduleInput | null {
  const before = issues.length;
  if (!isObject(entry)) {
    const message = `must be a schedule such as {"name": "nightly", "taskName": "report.make", "timing": {"crontab": "0 3 * * *"}}; got ${show(entry)}.`;
    issues.push({ code: "INVALID_INPUT", path, message });
    return null;
  }
  const said = withoutNulls(entry);
  for (const key of NEEDED) {
    if (!(key in said)) issues.push({ code: "INVALID_INPUT", path: [...path, key], message: "is missing." });
  }
  issues.push(...findProblems(said, FIELDS, path, "field of a schedule"));
  if (isObject(said["timing"]))
    issues.push(...findProblems(said["timing"], TIMINGS, [...path, "timing"], "kind of timing"));
  const options = "options" in said ? readTaskOptions(said["options"], [...path, "options"], issues) : {};
  return issues.length === before ? ({ ...said, options } as unknown as ScheduleInput) : null;
}

/** A task's options, as far as their shape is right; what is null counts as left out. */
export function readTaskOptions(options: unknown, path: readonly string[], issues: Issue[]): EnqueueOptions {
  if (isObject(options)) {
    issues.push(...findProblems(options, OPTIONS, path, "option of a task"));
    return withoutNulls(options);
  }
  issues.push({ code: "INVALID_INPUT", path, message: `must be an object; got ${show(options)}.` });
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
      const near = closest(key, Object.keys(shapes));
      const hint = near ? `Did you mean ${near}?` : `Known: ${Object.keys(shapes).join(", ")}.`;
      return [{ code: "INVALID_INPUT", path: where, message: `is no ${what}.`, hint }];
    }
    const { rule, fits } = shapes[key]!;
    if (value === null || fits(value)) return [];
    return [{ code: "INVALID_INPUT", path: where, message: `must be ${rule}; got ${show(value)}.` }];
  });
}
