import { HOUR, MINUTE, SECOND } from "../lib/clock.ts";

/** So many starts in so much time. */
export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR };
const FORM = /^([1-9]\d{0,8})\/([smh])$/;

/** Completes "must be …". */
export const RATE_LIMIT_FORMS =
  'a whole number per second, minute or hour, such as "10/s", "100/m" or "1000/h"';

/** Reads `"10/s"`, `"100/m"`, `"1000/h"`; null for anything else. */
export function parseRateLimit(text: string): RateLimit | null {
  const [, count, unit] = FORM.exec(text) ?? [];
  return count === undefined || unit === undefined ? null : { count: Number(count), perMs: UNITS[unit]! };
}
