import { DAY, HOUR, MINUTE, SECOND } from "./clock.ts";

/** A duration: `"90s"`, `"5m"`, `"PT1H30M"` (ISO 8601), or an integer of milliseconds. */
export type DurationInput = string | number;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const SHORT = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/;
const ISO =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Reads a duration as milliseconds (rounded to whole ones), or returns null when it cannot be read.
 * Years and months are not accepted: their length is not fixed. Negative durations are not accepted either.
 */
export function parseDuration(input: DurationInput): number | null {
  if (typeof input === "number") return Number.isSafeInteger(input) && input >= 0 ? input : null;
  const text = input.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const short = SHORT.exec(text);
  if (short) return safe(Number(short[1]) * UNITS[short[2] as string]!);
  const iso = ISO.exec(text);
  if (!iso || !/\d/.test(text) || text.endsWith("T")) return null;
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return safe(weeks * 7 * DAY + days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND);
}

/** What a duration may look like, for error messages. */
export const DURATION_FORMS = 'a duration such as "90s", "5m", "1d", "PT1H30M", or whole milliseconds';

/** Milliseconds as ISO 8601, e.g. 5_400_000 -> "PT1H30M". Days are the largest unit. */
export function formatDuration(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds));
  const days = Math.floor(total / DAY);
  const hours = Math.floor((total % DAY) / HOUR);
  const minutes = Math.floor((total % HOUR) / MINUTE);
  const seconds = (total % MINUTE) / SECOND;
  const date = days > 0 ? `${days}D` : "";
  const time = [
    hours > 0 ? `${hours}H` : "",
    minutes > 0 ? `${minutes}M` : "",
    seconds > 0 ? `${seconds}S` : "",
  ].join("");
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

function safe(milliseconds: number): number | null {
  const rounded = Math.round(milliseconds);
  return Number.isSafeInteger(rounded) ? rounded : null;
}
