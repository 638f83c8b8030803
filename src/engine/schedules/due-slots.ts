import { MINUTE } from "../../lib/clock.ts";
import type { Occurrences } from "../../task/timing/occurrences.ts";

/** So many slots are counted one by one. */
const COUNTED = 1_000;
/** How many of the newest are known where there are more than that. */
const NEWEST = 100;
/** Spans before a moment in which the newest slots are looked for, each thrice the last: so few more are found than are wanted. */
const SPANS_MS = Array.from({ length: 15 }, (_, index) => MINUTE * 3 ** index);

/** The slots between two looks. */
export interface DueSlots {
  /** Oldest first; the newest 100 where there are more than 1,000. */
  readonly listed: readonly Date[];
  /** Those before the listed ones that are too many to count. */
  readonly uncounted: { readonly firstSlot: Date; readonly lastSlot: Date } | null;
}

/** All slots from `first` (which is one) up to and including `until`. However many there are, it takes little time. */
export function dueSlots(slots: Occurrences, first: Date, until: Date): DueSlots {
  const listed: Date[] = [];
  for (let slot: Date | null = first; slot !== null && slot <= until; slot = slots.next(slot)) {
    if (listed.length === COUNTED) return newestOf(slots, first, until);
    listed.push(slot);
  }
  return { listed, uncounted: null };
}

function newestOf(slots: Occurrences, first: Date, until: Date): DueSlots {
  for (const span of SPANS_MS) {
    const found: Date[] = [];
    let slot = slots.next(new Date(Math.max(first.getTime() - 1, until.getTime() - span)));
    for (; slot !== null && slot <= until; slot = slots.next(slot)) {
      found.push(slot);
      if (found.length > NEWEST + 1) found.shift();
    }
    if (found.length > NEWEST) {
      const [before, ...listed] = found;
      return { listed, uncounted: { firstSlot: first, lastSlot: before! } };
    }
  }
  return { listed: [], uncounted: { firstSlot: first, lastSlot: until } };
}
