/** The type of a single value. */
export type ValueKind = "integer" | "number" | "boolean" | "date" | "string";
/** The type of a column: the narrowest one that fits all its values, or `empty` without values. */
export type ColumnType = ValueKind | "empty";

export interface Value {
  readonly kind: ValueKind;
  /** The number itself; a date in milliseconds since 1970; 0 or 1 for a boolean; 0 for a string. */
  readonly rank: number;
}

// No leading zeros and no plus sign: 00123 and +43123 are codes, and a number would lose
// characters.
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^-?\d+$/;
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/;
const MAX_TYPED_LENGTH = 64;
const STRING: Value = { kind: "string", rank: 0 };

/**
 * The value of a string. Integers beyond 2^53 are numbers, since they lose digits; numbers beyond
 * the range of a double are strings. Dates have the form of ISO 8601, with or without a time.
 */
export function readValue(text: string): Value {
  if (text.length > MAX_TYPED_LENGTH) return STRING;
  return readNumber(text) ?? readBoolean(text) ?? readDate(text) ?? STRING;
}

/** The type of a column of `type` that also holds a value of `kind`. */
export function widen(type: ColumnType, kind: ValueKind): ColumnType {
  if (type === kind || type === "empty") return kind;
  const isNumeric = (type === "integer" || type === "number") && (kind === "integer" || kind === "number");
  return isNumeric ? "number" : "string";
}

function readNumber(text: string): Value | null {
  if (!NUMBER.test(text)) return null;
  const rank = Number(text);
  if (!Number.isFinite(rank)) return STRING;
  return { kind: Number.isSafeInteger(rank) && INTEGER.test(text) ? "integer" : "number", rank };
}

function readBoolean(text: string): Value | null {
  if (text.length !== 4 && text.length !== 5) return null;
  const word = text.toLowerCase();
  return word === "true" || word === "false" ? { kind: "boolean", rank: word === "true" ? 1 : 0 } : null;
}

function readDate(text: string): Value | null {
  const match = text.length < 10 ? null : DATE.exec(text);
  if (!match) return null;
  const day = startOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
  const time = text.length === 10 ? 0 : sinceStartOfDay(match);
  return day === null || time === null ? null : { kind: "date", rank: day + time };
}

/** The time of day in milliseconds. A time without a zone is UTC. */
function sinceStartOfDay([, , , , hours, minutes, seconds, fraction, ...zone]: RegExpExecArray):
  | number
  | null {
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const [sign, zoneHours, zoneMinutes] = zone;
  const offset = (sign === "-" ? -1 : 1) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0));
  return ((hour * 60 + minute - offset) * 60 + second + Number(`0.${fraction ?? 0}`)) * 1000;
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** The calendar repeats after 400 years. */
const CYCLE_MS = 146_097 * 86_400_000;

function startOfDay(year: number, month: number, day: number): number | null {
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day < 1 || (day > (LENGTHS[month - 1] ?? 0) && !isLeapDay)) return null;
  // Plus and minus 400 years, since Date.UTC reads the years 0 to 99 as 1900 to 1999.
  return Date.UTC(year + 400, month - 1, day) - CYCLE_MS;
}
