import { Cron } from "croner";
import { normalizeCrontab, splitDayRule } from "./crontab-fields.ts";
import { HORIZON_MS } from "./timing.ts";
import type { LocalTime, Zone } from "./zone.ts";

const ALL_HOURS = 24;

/**
 * The slots of a crontab. croner finds the matching local times; it is asked in UTC, so that its
 * calendar has no gaps and overlaps. This class applies those of the zone, by the rules of
 * `timing.ts`.
 */
export class Crontab {
  readonly #calendar: Cron;
  /** Whether it names hours. Otherwise every matching real time is a slot. */
  readonly hasFixedHours: boolean;

  /** @throws Error for an expression that `findCrontabMistake` refuses */
  constructor(expression: string) {
    const { fields, days } = splitDayRule(normalizeCrontab(expression));
    this.#calendar = new Cron(fields, { paused: true, utcOffset: 0, domAndDow: days === "both" });
    this.hasFixedHours = !coversAllHours(fields.split(" ").at(-4)!);
  }

  /** Returns the first slot after a time; null if there is none within ten years. */
  nextSlot(after: number, zone: Zone): number | null {
    return this.hasFixedHours ? this.#nextFixed(after, zone) : this.#nextReal(after, zone);
  }

  /** Returns the first matching local time after another one, up to `until`. */
  nextLocal(after: LocalTime, until: LocalTime): LocalTime | null {
    const next = this.#calendar.nextRun(new Date(after))?.getTime() ?? null;
    return next === null || next > until ? null : next;
  }

  #nextFixed(after: number, zone: Zone): number | null {
    const here = zone.toLocal(after);
    const resolved = zone.resolve(here);
    // A local time that exists twice has had its slot the first time.
    let local = resolved.kind === "overlap" && resolved.at < after ? resolved.until - 1 : here;
    for (;;) {
      const next = this.nextLocal(local, here + HORIZON_MS);
      if (next === null) return null;
      const { at } = zone.resolve(next);
      if (at > after) return at;
      local = next;
    }
  }

  /** Between two changes of the clocks, local times and real times run in parallel. */
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
      // The time of the change may itself be a slot.
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
