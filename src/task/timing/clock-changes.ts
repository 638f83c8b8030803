import { DAY } from "../../lib/clock.ts";
import { Crontab } from "./crontab.ts";
import type { Timing } from "./timing.ts";
import { type LocalTime, Zone } from "./zone.ts";

/** A change of the clocks of a zone that affects a timing, with the first local time affected. */
export interface ClockChange {
  readonly kind: "gap" | "overlap";
  /** Time from which the new offset applies. */
  readonly at: Date;
  readonly local: LocalTime;
  /** Whether local times that exist twice are due twice. */
  readonly twice: boolean;
}

const YEAR = 366 * DAY;

/**
 * Returns the changes within a year that affect the slots of a crontab. Other timings are not
 * affected.
 */
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
    // A crontab for every hour misses nothing if an hour does not exist.
    const matters = local !== null && (crontab.hasFixedHours || kind === "overlap");
    if (matters) changes.push({ kind, at: new Date(at), local, twice: !crontab.hasFixedHours });
    at = zone.nextTransition(at, until);
  }
  return changes;
}
