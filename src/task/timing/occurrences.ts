import { isTimestamp } from "../../lib/timestamp.ts";
import { Calendars } from "./calendars.ts";
import { nextSolarSlot } from "./solar.ts";
import type { IntervalTiming, Timing } from "./timing.ts";

/** Tells the slots of one timing in one zone. To make it costs more than to ask it: keep it, or share calendars with others. */
export class Occurrences {
  readonly #next: (after: number) => number | null;

  /**
   * @param anchor From here intervals are counted: a slot is due at the anchor itself, then each so many milliseconds later.
   * @throws Error for a timing that `findTimingIssues` finds wrong, RangeError for a zone that does not exist
   */
  constructor(timing: Timing, timeZone: string, anchor: Date, calendars = new Calendars()) {
    this.#next = nextOf(timing, timeZone, anchor.getTime(), calendars);
  }

  /** The first slot after a time; null when there are no more, at the latest after the year 9999. */
  next(after: Date): Date | null {
    const next = this.#next(after.getTime());
    if (next === null) return null;
    const slot = new Date(next);
    return isTimestamp(slot) ? slot : null;
  }

  /** The first `count` slots after a moment; fewer when they end. */
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
