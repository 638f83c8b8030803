import { DAY } from "../../lib/clock.ts";
import { Crontab } from "./crontab.ts";
import type { Timing } from "./timing.ts";
import { type LocalTime, Zone } from "./zone.ts";

/** A change of a zone's clocks that a timing meets, with the first local time it is about. */
export interface ClockChange {
  readonly kind: "gap" | "overlap";
  /** The moment from which the new offset holds. */
  readonly at: Date;
  readonly local: LocalTime;
  /** Whether what exists twice is also due twice. */
  readonly twice: boolean;
}

const YEAR = 366 * DAY;

/** Changes within a year that make a crontab's slots other than its expression says. Other timings know none. */
export function findClockChanges(timing: Timing, timeZone: string, after: Date): ClockChange[] {
  if (timing.kind !== "crontab") return [];
  const crontab = new Crontab(timing.expression);
  const zone = new Zone(timeZone);
  const until = after.getTime() + YEAR;
  const changes: ClockChange[] = [];
  let at = zone.nextTransition(after.getTime(), until);
  while (at !== null) {
    const [before, now] = [at + zone.offsetAt(at - 1), at + zone.offsetAt(at)];
    const [from, to] = [Math.min(before, now), Math.max(before, now)];
    const local = crontab.nextLocal(from - 1, to - 1);
    const kind = now > before ? "gap" : "overlap";
    // What runs at every hour misses nothing when an hour does not exist.
    const matters = local !== null && (crontab.hasFixedHours || kind === "overlap");
    if (matters) changes.push({ kind, at: new Date(at), local, twice: !crontab.hasFixedHours });
    at = zone.nextTransition(at, until);
  }
  return changes;
}
