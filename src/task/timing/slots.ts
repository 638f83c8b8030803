import { Crontab } from "./crontab.ts";
import { nextSolarSlot } from "./solar.ts";
import type { IntervalTiming, Timing } from "./timing.ts";
import { Zone } from "./zone.ts";

/** Tells the slots of one timing in one zone. Keep it: to make it costs more than to ask it. */
export class Slots {
  readonly #next: (after: number) => number | null;

  /**
   * @param anchor From here intervals are counted: a slot is due at the anchor itself, then each so many milliseconds later.
   * @throws Error for a timing that `findTimingIssues` finds wrong, RangeError for a zone that does not exist
   */
  constructor(timing: Timing, timeZone: string, anchor: Date) {
    this.#next = nextOf(timing, new Zone(timeZone), anchor.getTime());
  }

  /** The first slot after a moment; null when there is none any more. */
  next(after: Date): Date | null {
    const next = this.#next(after.getTime());
    return next === null ? null : new Date(next);
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

function nextOf(timing: Timing, zone: Zone, anchor: number): (after: number) => number | null {
  switch (timing.kind) {
    case "interval":
      return (after) => nextInterval(timing, anchor, after);
    case "crontab": {
      const crontab = new Crontab(timing.expression);
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
