import { DAY } from "../../lib/clock.ts";
import { showSpan } from "../times.ts";

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
