import { DAY, HOUR, MINUTE, SECOND } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";

/** A duration in about three digits: `14 ms`, `1.25 s`, `2 m 5 s`, `3 h 20 m`. */
export function showDuration(milliseconds: number): string {
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

/** An ISO 8601 duration of the API in the same form. */
export function showIsoDuration(iso: string): string {
  const milliseconds = parseDuration(iso);
  return milliseconds === null ? iso : showDuration(milliseconds);
}

/** A timestamp in a time zone: `2030-05-01 09:00:00 Europe/Vienna`. */
export function showTime(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return `${format.format(new Date(iso))} ${timeZone}`;
}

/** A due time, with the duration until then if it is at most two days. */
export function showDue(iso: string, timeZone: string, now: Date): string {
  const ahead = new Date(iso).getTime() - now.getTime();
  const time = showTime(iso, timeZone);
  return ahead < 0 || ahead > 2 * DAY ? time : `in ${showDuration(ahead)} (${time})`;
}
