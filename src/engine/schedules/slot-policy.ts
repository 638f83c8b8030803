import type { Occurrences } from "../../task/timing/occurrences.ts";
import { DAY, MINUTE, SECOND } from "../../lib/clock.ts";
import type { ScheduleRecord, SkippedSlots, SkipReason } from "../../task/schedule/schedule.ts";

/**
 * A slot that beat comes to later than this was missed, where the policy is SKIP: nothing may have
 * been there to look.
 */
const MISSED_AFTER_MS = 10 * SECOND;
/** The most that CATCH_UP makes up for. */
const CATCH_UP_SLOTS = 100;
const CATCH_UP_MS = 7 * DAY;
/** Unfinished tasks of one schedule whose overlap policy is QUEUE. */
const MAX_HELD = 100;

/** The due slots that give tasks, and those that do not. */
export interface Choice {
  /** Oldest first. */
  readonly fire: readonly Date[];
  readonly skipped: readonly SkippedSlots[];
  readonly cancelPrevious: boolean;
}

type Policies = Pick<ScheduleRecord, "misfire" | "overlap" | "jitterMs">;

/**
 * Applies the policies of a schedule to due slots: first the misfire policy, then the overlap
 * policy.
 */
export function chooseSlots(policies: Policies, due: DueSlots, unfinished: number, now: Date): Choice {
  const { fire, missed } = afterMisfire(policies, due.listed, now);
  const { kept, overlapping } = afterOverlap(policies, fire, unfinished);
  return {
    fire: kept,
    skipped: [...allMissed({ listed: missed, uncounted: due.uncounted }), ...runsOf(overlapping, "OVERLAP")],
    cancelPrevious: policies.overlap === "CANCEL_PREVIOUS" && unfinished > 0 && kept.length > 0,
  };
}

/** Returns slots as missed. */
export function allMissed({ listed, uncounted }: DueSlots): SkippedSlots[] {
  return [
    ...(uncounted ? [{ ...uncounted, count: null, reason: "MISFIRED" as const }] : []),
    ...runsOf(listed, "MISFIRED"),
  ];
}

interface Misfire {
  readonly fire: readonly Date[];
  readonly missed: readonly Date[];
}

function afterMisfire({ misfire, jitterMs }: Policies, slots: readonly Date[], now: Date): Misfire {
  const from = firstToFire();
  return { fire: slots.slice(from), missed: slots.slice(0, from) };

  function firstToFire(): number {
    switch (misfire) {
      case "SKIP":
        return firstYoungerThan(MISSED_AFTER_MS + (jitterMs ?? 0));
      case "FIRE_ONCE":
        return Math.max(0, slots.length - 1);
      case "CATCH_UP":
        return Math.max(slots.length - CATCH_UP_SLOTS, firstYoungerThan(CATCH_UP_MS));
    }
  }

  function firstYoungerThan(ms: number): number {
    const index = slots.findIndex((slot) => now.getTime() - slot.getTime() <= ms);
    return index < 0 ? slots.length : index;
  }
}

interface Overlap {
  readonly kept: readonly Date[];
  readonly overlapping: readonly Date[];
}

function afterOverlap({ overlap }: Policies, fire: readonly Date[], unfinished: number): Overlap {
  const first = (count: number): Overlap => ({ kept: fire.slice(0, count), overlapping: fire.slice(count) });
  switch (overlap) {
    case "ALLOW":
      return first(fire.length);
    case "SKIP":
      return first(unfinished > 0 ? 0 : 1);
    case "QUEUE":
      return first(Math.max(0, MAX_HELD - unfinished));
    case "CANCEL_PREVIOUS": {
      // The others would be cancelled at once by the last.
      const last = Math.max(0, fire.length - 1);
      return { kept: fire.slice(last), overlapping: fire.slice(0, last) };
    }
  }
}

function runsOf(slots: readonly Date[], reason: SkipReason): SkippedSlots[] {
  const [firstSlot] = slots;
  const lastSlot = slots.at(-1);
  return firstSlot && lastSlot ? [{ firstSlot, lastSlot, count: slots.length, reason }] : [];
}

/** Up to this many slots are counted one by one. */
const COUNTED = 1_000;
/** Of more slots than that, this many of the newest are listed. */
const NEWEST = 100;
/**
 * Durations before the end in which the newest slots are looked for. Each is three times the last,
 * so that few needless slots are found.
 */
const WINDOWS_MS = Array.from({ length: 15 }, (_, index) => MINUTE * 3 ** index);

/** The slots between two times. */
export interface DueSlots {
  /** Oldest first; the newest 100 where there are more than 1,000. */
  readonly listed: readonly Date[];
  /** Those before the listed ones that are too many to count. */
  readonly uncounted: { readonly firstSlot: Date; readonly lastSlot: Date } | null;
}

/**
 * Returns all slots from `first`, which is one, to `until`. It takes little time however many there
 * are.
 */
export function dueSlots(slots: Occurrences, first: Date, until: Date): DueSlots {
  const listed: Date[] = [];
  for (let slot: Date | null = first; slot !== null && slot <= until; slot = slots.next(slot)) {
    if (listed.length === COUNTED) return newestOf(slots, first, until);
    listed.push(slot);
  }
  return { listed, uncounted: null };
}

function newestOf(slots: Occurrences, first: Date, until: Date): DueSlots {
  for (const windowMs of WINDOWS_MS) {
    const found: Date[] = [];
    let slot = slots.next(new Date(Math.max(first.getTime() - 1, until.getTime() - windowMs)));
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
