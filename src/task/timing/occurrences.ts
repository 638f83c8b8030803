import { isTimestamp } from "../../lib/timestamp.ts";
import { Calendars } from "./calendars.ts";
import { nextSolarSlot } from "./solar.ts";
import type { IntervalTiming, Timing } from "./timing.ts";

/**
 * The times at which a timing fires in one time zone: the slots of its schedules. Construction is
 * costly and asking is cheap: keep the object, or share calendars.
 */
export class Occurrences {
  readonly #next: (after: number) => number | null;

  /**
   * @param anchor start of an interval timing: the first slot is the anchor itself
   * @throws Error for a timing that `findTimingIssues` refuses, RangeError for an unknown time zone
   */
  constructor(timing: Timing, timeZone: string, anchor: Date, calendars = new Calendars()) {
    this.#next = nextOf(timing, timeZone, anchor.getTime(), calendars);
  }

  /** Returns the first slot after a time; null if there is none before the year 10000. */
  next(after: Date): Date | null {
    const next = this.#next(after.getTime());
    if (next === null) return null;
    const slot = new Date(next);
    return isTimestamp(slot) ? slot : null;
  }

  /** Returns the first `count` slots after a time; fewer if they end. */
  take(count: number, after: Date): Date[] {
    const slots: Date[] = [];
    while (slots.length < count) {
      const slot = this.next(slots.at(-1) ?? after);
      if (slot === null) break;
      slots.push(slot);
    }
    return slots;
  }
}

function nextOf(
  timing: Timing,
  timeZone: string,
  anchor: number,
  calendars: Calendars,
): (after: number) => number | null {
  const zone = calendars.zone(timeZone);
  switch (timing.kind) {
    case "interval":
      return (after) => nextInterval(timing, anchor, after);
    case "crontab": {
      const crontab = calendars.crontab(timing.expression);
      return (after) => crontab.nextSlot(after, zone);
    }
    case "clocked":
      return (after) => (timing.at.getTime() > after ? timing.at.getTime() : null);
    case "solar":
      return (after) => nextSolarSlot(timing, after);
  }
}

function nextInterval({ everyMs }: IntervalTiming, anchor: number, after: number): number {
  if (after < anchor) return anchor;
  return anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs;
}
