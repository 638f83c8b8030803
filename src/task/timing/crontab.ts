import { Cron } from "croner";
import { normalizeCrontab, splitDayRule } from "./crontab-fields.ts";
import { HORIZON_MS } from "./timing.ts";
import type { LocalTime, Zone } from "./zone.ts";

const ALL_HOURS = 24;

/**
 * The slots of an expression. croner knows which local times fit; it is asked in UTC, so that its calendar has no gaps and overlaps.
 * What those mean is decided here, by the rules of `timing.ts`.
 */
export class Crontab {
  readonly #calendar: Cron;
  /** Whether it names hours; else every real moment that fits is a slot. */
  readonly hasFixedHours: boolean;

  /** @throws Error for an expression that `findCrontabMistake` finds wrong */
  constructor(expression: string) {
    const { fields, days } = splitDayRule(normalizeCrontab(expression));
    this.#calendar = new Cron(fields, { paused: true, utcOffset: 0, domAndDow: days === "both" });
    this.hasFixedHours = !coversAllHours(fields.split(" ").at(-4)!);
  }

  /** The first slot after a moment; null when there is none within ten years. */
  nextSlot(after: number, zone: Zone): number | null {
    return this.hasFixedHours ? this.#nextFixed(after, zone) : this.#nextReal(after, zone);
  }

  /** The first fitting local time after another one, and not after `until`. */
  nextLocal(after: LocalTime, until: LocalTime): LocalTime | null {
    const next = this.#calendar.nextRun(new Date(after))?.getTime() ?? null;
    return next === null || next > until ? null : next;
  }

  #nextFixed(after: number, zone: Zone): number | null {
    const here = zone.toLocal(after);
    const placed = zone.place(here);
    // The second time around, what exists twice has had its slot.
    let local = placed.kind === "overlap" && placed.at < after ? placed.until - 1 : here;
    for (;;) {
      const next = this.nextLocal(local, here + HORIZON_MS);
      if (next === null) return null;
      const { at } = zone.place(next);
      if (at > after) return at;
      local = next;
    }
  }

  /** From one change of the zone's clocks to the next, local times and moments run side by side. */
  #nextReal(after: number, zone: Zone): number | null {
    const horizon = after + HORIZON_MS;
    let from = after;
    let offset = zone.offsetAt(from);
    let local: LocalTime = from + offset;
    for (;;) {
      const next = this.nextLocal(local, horizon + offset);
      if (next === null) return null;
      const at = next - offset;
      const change = zone.nextTransition(from, at);
      if (change === null) return at;
      from = change;
      offset = zone.offsetAt(change);
      // The moment of the change may itself be a slot.
      local = change + offset - 1;
    }
  }
}

function coversAllHours(field: string): boolean {
  if (field.startsWith("*")) return true;
  const hours = new Set<number>();
  for (const item of field.split(",")) {
    const [range, step = "1"] = item.split("/") as [string, string?];
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    for (let hour = from; hour <= to; hour += Number(step)) hours.add(hour);
  }
  return hours.size === ALL_HOURS;
}
