/**
 * The timestamps that every part of the system can hold: years 1 to 9999, in UTC. Outside of them
 * PostgreSQL writes years with five digits or "BC", and JavaScript writes six digits and a sign;
 * neither reads the other's.
 */
const FIRST_MS = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Completes "expected …". */
export const TIMESTAMP_RULE =
  "a timestamp with a time zone (ISO 8601), from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z";
export const TIMESTAMP_HINT = "For example 2030-05-01T09:00:00Z.";

const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i;

/**
 * Reads a Date, or a string in ISO 8601 with a time zone: a string without one would mean another
 * time on every machine. Returns null for anything else, for a day that its month does not have,
 * and for a time outside of the years 1 to 9999 in UTC.
 */
export function parseTimestamp(value: unknown): Date | null {
  const date = value instanceof Date ? value : parseText(value);
  return date !== null && isTimestamp(date) ? date : null;
}

/** Whether a Date is valid and within the years 1 to 9999 in UTC. */
export function isTimestamp(date: Date): boolean {
  const time = date.getTime();
  return time >= FIRST_MS && time <= LAST_MS;
}

function parseText(value: unknown): Date | null {
  const parts = typeof value === "string" ? ISO_8601.exec(value) : null;
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  // JavaScript reads the 30th of February as the 2nd of March.
  return day <= daysOf(year, month) ? new Date(value as string) : null;
}

function daysOf(year: number, month: number): number {
  // The setter, since Date.UTC takes the years 0 to 99 for those of the 20th century.
  return new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();
}
