import { DAY, HOUR, MINUTE, SECOND } from "../../lib/clock.ts";

/** At most `limit` starts within any period of `windowMs`. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };
const FORM = /^(\d{1,7})\/([smhd])$/;

export const RATE_FORMS =
  'a number of starts per second, minute, hour or day, such as "100/s", "10/m" or "5/h"';

/** Reads a rate such as `"100/s"`; returns null if it is invalid. */
export function parseRate(text: unknown): Rate | null {
  const match = typeof text === "string" ? FORM.exec(text.trim()) : null;
  const limit = Number(match?.[1] ?? 0);
  return limit === 0 ? null : { limit, windowMs: UNITS[match![2]!]! };
}

/** Returns the rate as a string. */
export function formatRate({ limit, windowMs }: Rate): string {
  const unit = Object.keys(UNITS).find((name) => UNITS[name] === windowMs);
  return `${limit}/${unit ?? `${windowMs}ms`}`;
}
