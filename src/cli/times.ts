import { DAY, HOUR, MINUTE, SECOND } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";

/** A span for people, about three digits of it: `14 ms`, `1.25 s`, `2 m 5 s`, `3 h 20 m`. */
export function showSpan(milliseconds: number): string {
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < MINUTE) return `${Number((milliseconds / SECOND).toPrecision(3))} s`;
  if (milliseconds < HOUR) return twoUnits(milliseconds, [MINUTE, "m"], [SECOND, "s"]);
  return twoUnits(milliseconds, [HOUR, "h"], [MINUTE, "m"]);
}

type Unit = readonly [size: number, name: string];

function twoUnits(milliseconds: number, [size, name]: Unit, [smallSize, smallName]: Unit): string {
  const rest = Math.floor((milliseconds % size) / smallSize);
  return `${Math.floor(milliseconds / size)} ${name}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** A span as the API writes it, for people. */
export function readDuration(iso: string): string {
  const milliseconds = parseDuration(iso);
  return milliseconds === null ? iso : showSpan(milliseconds);
}

/** A moment as a clock in a zone shows it: `2030-05-01 09:00:00 Europe/Vienna`. */
export function showMoment(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return `${format.format(new Date(iso))} ${timeZone}`;
}

/** When something is due, and how far off that is while that says something. */
export function showDue(iso: string, timeZone: string, now: Date): string {
  const ahead = new Date(iso).getTime() - now.getTime();
  const moment = showMoment(iso, timeZone);
  return ahead < 0 || ahead > 2 * DAY ? moment : `in ${showSpan(ahead)} (${moment})`;
}
