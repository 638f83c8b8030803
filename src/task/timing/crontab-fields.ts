/** A mistake in an expression, and its position. */
export interface CrontabMistake {
  /** Name of the field, such as `"minute"`; null if it concerns several fields. */
  readonly field: string | null;
  /** Position of the first wrong character, from 1. */
  readonly position: number;
  /** Completes "Field minute: …". */
  readonly message: string;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
  /** What may follow a number: `15W`, `5#2`, `5L`. */
  readonly suffix?: RegExp;
  /** What may stand alone instead of a number. */
  readonly word?: RegExp;
  /** What may stand in front of the whole field. */
  readonly prefix?: string;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const SECOND: Field = { name: "second", least: 0, most: 59 };
const FIELDS: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31, suffix: /^W$/, word: /^(?:L|LW)$/ },
  { name: "month", least: 1, most: 12, names: MONTHS },
  { name: "day of week", least: 0, most: 7, names: DAYS, suffix: /^(?:#[1-5L]|L)$/, prefix: "+" },
];

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const LONGEST = 200;

/**
 * Returns the fields of an expression in the form that all readers know: capitals, single spaces,
 * `*` for `?`, no nickname.
 */
export function normalizeCrontab(expression: string): string {
  const text = expression.trim().toLowerCase();
  const fields = Object.hasOwn(NICKNAMES, text) ? NICKNAMES[text]! : text;
  return fields.toUpperCase().replaceAll(/\s+/g, " ").replaceAll("?", "*").replaceAll("#L", "L");
}

/** How the two fields of days of an expression are combined. */
export type DayRule = "either" | "both";

/**
 * Reads the rule of days from normalized fields. As in Vixie cron, either day field is enough if
 * both are restricted, that is if neither begins with `*`. If one begins with `*`, also with a
 * step, both must match. A `+` before the day of week requires both in any case, as Celery reads
 * every crontab.
 */
export function splitDayRule(normalized: string): { readonly fields: string; readonly days: DayRule } {
  const parts = normalized.split(" ");
  const weekday = parts.at(-1)!;
  const days = weekday.startsWith("+") || [parts.at(-3)!, weekday].some((field) => field.startsWith("*"));
  return {
    fields: [...parts.slice(0, -1), weekday.replace("+", "")].join(" "),
    days: days ? "both" : "either",
  };
}

/** Returns the first mistake in an expression; null if there is none. */
export function findCrontabMistake(expression: string): CrontabMistake | null {
  if (expression.length > LONGEST) {
    return { field: null, position: LONGEST + 1, message: `longer than ${LONGEST} characters` };
  }
  const parts = [...expression.matchAll(/\S+/g)];
  const first = parts[0]?.[0] ?? "";
  if (first.startsWith("@")) return findNicknameMistake(first, parts);
  if (parts.length !== 5 && parts.length !== 6) {
    const message = `has ${parts.length} fields; a crontab has 5 (minute, hour, day of month, month, day of week), or 6 with seconds in front`;
    return { field: null, position: 1, message };
  }
  const fields = parts.length === 6 ? [SECOND, ...FIELDS] : FIELDS;
  for (const [index, part] of parts.entries()) {
    const mistake = findFieldMistake(fields[index]!, part[0], part.index + 1);
    if (mistake) return mistake;
  }
  return null;
}

function findNicknameMistake(first: string, parts: readonly RegExpExecArray[]): CrontabMistake | null {
  if (!Object.hasOwn(NICKNAMES, first.toLowerCase())) {
    const message = `"${first}" is not a nickname; known: ${Object.keys(NICKNAMES).join(", ")}`;
    return { field: null, position: parts[0]!.index + 1, message };
  }
  return parts.length === 1
    ? null
    : { field: null, position: parts[1]!.index + 1, message: `nothing may follow ${first}` };
}

function findFieldMistake(field: Field, text: string, start: number): CrontabMistake | null {
  const prefix = field.prefix !== undefined && text.startsWith(field.prefix) ? field.prefix.length : 0;
  let position = start + prefix;
  for (const item of text.slice(prefix).split(",")) {
    const message = item === "" ? "a value is missing" : findItemMistake(field, item);
    if (message !== null) return { field: field.name, position, message };
    position += item.length + 1;
  }
  return null;
}

/** `*`, a word, a value or a range, the first and the last with a step. */
function findItemMistake(field: Field, item: string): string | null {
  const [range, step, ...more] = item.split("/") as [string, ...string[]];
  if (more.length > 0) return `"${item}" has two steps`;
  if (step !== undefined) {
    const mistake = findStepMistake(field, range, step);
    if (mistake !== null) return mistake;
  } else if (range === "?" || field.word?.test(range.toUpperCase())) {
    return null;
  }
  if (range === "*") return null;
  return range.includes("-") ? findRangeMistake(field, range) : findValueMistake(field, range, true);
}

function findStepMistake({ most }: Field, range: string, step: string): string | null {
  if (!/^\d{1,3}$/.test(step) || Number(step) < 1) return `the step "${step}" is not an integer from 1`;
  if (Number(step) > most) return `the step ${step} is over ${most}`;
  if (range === "*" || range.includes("-")) return null;
  return `"${range}/${step}" steps from a single value; write ${range}-${most}/${step}`;
}

function findRangeMistake(field: Field, range: string): string | null {
  const ends = range.split("-");
  if (ends.length > 2) return `"${range}" is not a range`;
  const mistake = ends.map((end) => findValueMistake(field, end, false)).find((one) => one !== null);
  if (mistake !== undefined) return mistake;
  const [from, to] = ends.map((end) => valueOf(field, end)) as [number, number];
  return from > to ? `the range ${range} ends before it begins` : null;
}

function findValueMistake(field: Field, text: string, withSuffix: boolean): string | null {
  const [, word = "", suffix = ""] = /^(\d+|[A-Za-z]{3})?(.*)$/.exec(text) ?? [];
  const value = valueOf(field, word);
  if (Number.isNaN(value))
    return `"${text}" is not a ${field.name}${field.names ? ` (${field.least}-${field.most}, ${field.names[0]}-${field.names.at(-1)})` : ""}`;
  if (value > field.most) return `${word} is over ${field.most}`;
  if (value < field.least) return `${word} is under ${field.least}`;
  if (suffix === "" || (withSuffix && field.suffix?.test(suffix.toUpperCase()))) return null;
  return `"${suffix}" may not follow ${word}`;
}

function valueOf({ names = [], least }: Field, word: string): number {
  if (/^\d{1,4}$/.test(word)) return Number(word);
  const index = names.indexOf(word.toUpperCase());
  return index < 0 ? Number.NaN : index + least;
}
