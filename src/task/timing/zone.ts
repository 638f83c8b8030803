import { DAY } from "../../lib/clock.ts";

/** A local time in milliseconds: the time of a wall clock, read as if it were UTC. */
export type LocalTime = number;

/** The real time of a local time in its zone. */
export type ResolvedTime =
  | { readonly kind: "once"; readonly at: number }
  /** It does not exist; `at` is the end of the gap. */
  | { readonly kind: "gap"; readonly at: number }
  /** It exists twice; `at` is the first. `until` is where the local times that exist twice end. */
  | { readonly kind: "overlap"; readonly at: number; readonly until: LocalTime };

/**
 * Transitions of one zone are at least this far apart (Ramadan in Morocco: four weeks), so that
 * looking in such steps finds each.
 */
const STEP = 7 * DAY;

/** A time zone of the IANA data base, as this Node knows it. Times are milliseconds since 1970. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that no zone has */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** Returns what to add to a time for its local time, in milliseconds. */
  offsetAt(moment: number): number {
    const text = this.#format.format(moment);
    const [, sign, hours, minutes, seconds] = /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
    if (sign === undefined) return 0;
    const total = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0);
    return (sign === "-" ? -total : total) * 1_000;
  }

  toLocal(moment: number): LocalTime {
    return moment + this.offsetAt(moment);
  }

  resolve(local: LocalTime): ResolvedTime {
    const [before, after] = [this.offsetAt(local - DAY), this.offsetAt(local + DAY)];
    const found = [...new Set([local - before, local - after])].filter(
      (moment) => this.toLocal(moment) === local,
    );
    const at = Math.min(...found);
    if (found.length === 1) return { kind: "once", at };
    const change = this.nextTransition(Math.min(local - before, local - after) - 1, local + DAY)!;
    return found.length === 0
      ? { kind: "gap", at: change }
      : { kind: "overlap", at, until: change + this.offsetAt(change - 1) };
  }

  /** Returns the first time after `from`, up to `until`, from which another offset applies. */
  nextTransition(from: number, until: number): number | null {
    let low = from;
    let offset = this.offsetAt(low);
    while (low < until) {
      const high = Math.min(low + STEP, until);
      if (this.offsetAt(high) !== offset) return this.#changeBetween(low, high);
      low = high;
      offset = this.offsetAt(low);
    }
    return null;
  }

  #changeBetween(from: number, to: number): number {
    let [low, high] = [from, to];
    const before = this.offsetAt(low);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }
}
