import type { CeleryCrontab } from "./read-tables.ts";

/** The equivalent expression, or why there is none. */
export type CrontabOutcome =
  | { readonly expression: string; readonly problem?: undefined }
  | { readonly problem: string };

interface Field {
  readonly column: keyof CeleryCrontab;
  readonly title: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIELDS = [
  { column: "minute", title: "minute", least: 0, most: 59 },
  { column: "hour", title: "hour", least: 0, most: 23 },
  { column: "day_of_month", title: "day of month", least: 1, most: 31 },
  { column: "month_of_year", title: "month", least: 1, most: 12, names: MONTHS },
  { column: "day_of_week", title: "day of week", least: 0, most: 6, names: DAYS },
] as const satisfies readonly Field[];

const LONGEST = 200;

/**
 * Converts a crontab of Celery. The differences:
 *
 * - Celery requires that day of month *and* day of week match. Here, as in cron, one match is
 *   enough when both are restricted. A `+` before the day of week requires both.
 * - Celery's ranges may wrap around (`fri-mon`, `22-4`), and its steps may be longer than the
 *   field. Both become lists.
 */
export function convertCrontab(crontab: CeleryCrontab): CrontabOutcome {
  const sets: ReadonlySet<number>[] = [];
  for (const field of FIELDS) {
    const set = parseField(crontab[field.column] ?? "*", field);
    if (typeof set === "string") return { problem: `its ${field.title} ${set}` };
    sets.push(set);
  }
  const texts = FIELDS.map((field, index) => write(crontab[field.column] ?? "*", field, sets[index]!));
  const expression = inOneLine(texts, sets);
  if (expression.length <= LONGEST) return { expression };
  const shorter = sets.map((set, index) => asRanges(set, FIELDS[index]!));
  return { expression: inOneLine(shorter, sets) };
}

/** The expression, with days combined as in Celery: when both are restricted, both must match. */
function inOneLine(texts: readonly string[], sets: readonly ReadonlySet<number>[]): string {
  const [minute, hour, dayOfMonth, month, dayOfWeek] = texts;
  const anyDayOfMonth = sets[2]!.size === 31;
  const anyDayOfWeek = sets[4]!.size === DAYS.length;
  const ofWeek = anyDayOfMonth ? dayOfWeek : `+${dayOfWeek}`;
  return [minute, hour, anyDayOfMonth ? "*" : dayOfMonth, month, anyDayOfWeek ? "*" : ofWeek].join(" ");
}

/** The values of a field as Celery reads it, or a description of the problem. */
function parseField(text: string, field: Field): ReadonlySet<number> | string {
  const values = new Set<number>();
  for (const part of text.replaceAll(/\s+/g, "").split(",")) {
    const found = parsePart(part, field);
    if (found === null) return `${JSON.stringify(text)} is not valid in Celery either`;
    for (const value of found) values.add(value);
  }
  return values;
}

function parsePart(part: string, field: Field): readonly number[] | null {
  const match = /^(?:(\*)|(\w+?)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return null;
  const [, star, first, last, step] = match;
  const isSingle = star === undefined && last === undefined;
  if (step !== undefined && (Number(step) < 1 || isSingle)) return null;
  const from = star === undefined ? valueOf(first!, field) : field.least;
  const to = star === undefined ? valueOf(last ?? first!, field) : field.most;
  if (from === null || to === null) return null;
  return rangeOf(from, to, field).filter((_, index) => index % Number(step ?? 1) === 0);
}

/** All values from one to another, wrapping around when the second is smaller. */
function rangeOf(from: number, to: number, { least, most }: Field): number[] {
  const count = from <= to ? to - from + 1 : most - from + 1 + (to - least + 1);
  const size = most - least + 1;
  return Array.from({ length: count }, (_, index) => ((from - least + index) % size) + least);
}

function valueOf(word: string, { names = [], least, most }: Field): number | null {
  if (!/^\d+$/.test(word)) {
    // Celery reads the first three letters of a name.
    const index = names.indexOf(word.slice(0, 3).toUpperCase());
    return index < 0 ? null : index + least;
  }
  const value = Number(word);
  return value >= least && value <= most ? value : null;
}

/** A field as it was written if that is equivalent here, otherwise its values. */
function write(text: string, field: Field, values: ReadonlySet<number>): string {
  const plain = text.replaceAll(/\s+/g, "").replaceAll(/[a-z]+/gi, (word) => word.slice(0, 3).toUpperCase());
  const isSame = plain.split(",").every((part) => {
    const [, from = null, to = null, step = "1"] = /^(?:\*|(\w+?)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === null ? field.least : valueOf(from, field)!;
    const last = to === null ? field.most : valueOf(to, field)!;
    return first <= last && Number(step) <= field.most;
  });
  return isSame ? plain : asRanges(values, field);
}

function asRanges(values: ReadonlySet<number>, { least, most }: Field): string {
  if (values.size === most - least + 1) return "*";
  const sorted = [...values].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const value of sorted) {
    const last = ranges.at(-1);
    if (last && value === last[1] + 1) last[1] = value;
    else ranges.push([value, value]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}
