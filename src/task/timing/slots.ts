import { Crontab } from "./crontab.ts";
import { nextSolarSlot } from "./solar.ts";
import type { IntervalTiming, Timing } from "./timing.ts";
import { Zone } from "./zone.ts";

/** Tells the slots of one timing in one zone. Keep it: to make it costs more than to ask it. */
export class Slots {
  readonly #zone: Zone;
  readonly #next: (after: number) => number | null;

  /**
   * @param anchor From here intervals are counted: a slot is due at the anchor itself, then each so many milliseconds later.
   * @throws Error for a timing that `findTimingMistakes` finds wrong, RangeError for a zone that does not exist
   */
  constructor(timing: Timing, timeZone: string, anchor: Date) {
    this.#zone = new Zone(timeZone);
    this.#next = nextOf(timing, this.#zone, anchor.getTime());
  }

  /** The first slot after a moment; null when there is none any more. */
  next(after: Date): Date | null {
    const next = this.#next(after.getTime());
    return next === null ? null : new Date(next);
  }

  /** The first `count` slots after a moment; fewer when they end. */
  take(count: number, after: Date): Date[] {
    const slots: Date[] = [];
    for (let slot = this.next(after); slot !== null && slots.length < count; slot = this.next(slot))
      slots.push(slot);
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
