import type { DueSchedule, FormerTiming, SlotDecision } from "../../store/schedules/schedule-store.ts";
import type { ScheduleRecord, ScheduleSummary, SkippedSlots } from "../../task/schedule/schedule.ts";
import { Calendars } from "../../task/timing/calendars.ts";
import { findTimingIssues } from "../../task/timing/check-timing.ts";
import { Occurrences } from "../../task/timing/occurrences.ts";
import type { ScheduledTasks } from "./scheduled-tasks.ts";
import { allMissed, chooseSlots, dueSlots } from "./slot-policy.ts";

/** Decides which slots of a schedule are due, which of them give tasks, and when to look again. */
export class SlotDecider {
  readonly #calendars = new Calendars();

  constructor(
    private readonly tasks: Pick<ScheduledTasks, "make">,
    private readonly random: () => number = Math.random,
  ) {}

  /** Never throws: a schedule that cannot be used gets a `problem`. */
  decide = ({ record, unfinished, former }: DueSchedule, now: Date): SlotDecision => {
    const decision = this.#decideOrRefuse(record, unfinished, now);
    const missed = former.flatMap((timing) => missedOf(timing, record.createdAt, this.#calendars));
    return missed.length === 0 ? decision : { ...decision, skipped: [...decision.skipped, ...missed] };
  };

  #decideOrRefuse(record: ScheduleRecord, unfinished: number, now: Date): SlotDecision {
    try {
      if (record.problem !== null) throw new Error(record.problem);
      return this.#decide(record, unfinished, now);
    } catch (error) {
      return { ...this.#nothing(record, null), problem: (error as Error).message };
    }
  }

  #decide(record: ScheduleRecord, unfinished: number, now: Date): SlotDecision {
    const slots = openSlots(record, this.#calendars);
    const next = (slot: Date | null): Date | null =>
      slot === null || (record.endAt !== null && slot > record.endAt) || this.#left(record) === 0
        ? null
        : slot;
    const first = next(record.nextSlot ?? slots.next(beginOf(record)));
    if (first === null || first > now) return this.#nothing(record, first);

    // Each slot after the first has its jitter, too: it is due when the longest jitter has passed.
    const settled = now.getTime() - (record.jitterMs ?? 0);
    const until = new Date(Math.max(first.getTime(), Math.min(settled, record.endAt?.getTime() ?? Infinity)));
    const due = dueSlots(slots, first, until);
    const choice = chooseSlots(record, due, unfinished, now);
    const fire = choice.fire.slice(0, this.#left(record));
    const ended = fire.length === this.#left(record);
    const nextSlot = ended ? null : next(slots.next(until));
    return {
      scheduleId: record.id,
      tasks: this.tasks.make(record, fire, unfinished),
      cancelPrevious: choice.cancelPrevious,
      skipped: choice.skipped,
      decidedUntil: lastDecided(fire, choice.skipped) ?? record.decidedUntil,
      nextSlot,
      nextRunAt: this.#runAt(record, nextSlot),
      problem: null,
    };
  }

  #nothing(record: ScheduleRecord, nextSlot: Date | null): SlotDecision {
    return {
      scheduleId: record.id,
      tasks: [],
      cancelPrevious: false,
      skipped: [],
      decidedUntil: record.decidedUntil,
      nextSlot,
      nextRunAt: this.#runAt(record, nextSlot),
      problem: null,
    };
  }

  #runAt({ jitterMs }: ScheduleRecord, slot: Date | null): Date | null {
    if (slot === null || jitterMs === null) return slot;
    return new Date(slot.getTime() + Math.floor(this.random() * jitterMs));
  }

  #left({ maxRuns, totalRunCount }: ScheduleRecord): number {
    return maxRuns === null ? Infinity : Math.max(0, maxRuns - totalRunCount);
  }
}

/**
 * Returns the slots of a schedule, ignoring its end.
 * @throws Error with the first mistake of its timing
 */
function openSlots(record: ScheduleSummary, calendars = new Calendars()): Occurrences {
  const { timing, timeZone, startAt, createdAt, nextSlot } = record;
  // A planned schedule was checked, and a change of its timing plans it again. A clocked time may
  // have passed since.
  const isChecked = nextSlot !== null || timing.kind === "clocked";
  const [issue] = isChecked ? [] : findTimingIssues(timing, timeZone, createdAt, [], calendars);
  if (issue) throw new Error(`${issue.path.join(".")}: ${issue.message}`);
  return new Occurrences(timing, timeZone, startAt ?? createdAt, calendars);
}

/**
 * Returns as missed the slots that were due and undecided when a timing was replaced: what they
 * would have given is unknown.
 */
function missedOf(former: FormerTiming, createdAt: Date, calendars: Calendars): SkippedSlots[] {
  const { timing, timeZone, startAt, endAt, replacedAt } = former;
  const until = endAt !== null && endAt < replacedAt ? endAt : replacedAt;
  try {
    const slots = new Occurrences(timing, timeZone, startAt ?? createdAt, calendars);
    const first = slots.next(beginOf(former));
    return first === null || first > until ? [] : allMissed(dueSlots(slots, first, until));
  } catch {
    return []; // Somebody wrote a timing by hand that never had slots.
  }
}

/**
 * Returns the last slot that gave a task or was noted. When `maxRuns` is used up, due slots after
 * it are not noted.
 */
function lastDecided(fire: readonly Date[], skipped: readonly SkippedSlots[]): Date | null {
  const times = [...fire, ...skipped.map(({ lastSlot }) => lastSlot)].map((slot) => slot.getTime());
  return times.length === 0 ? null : new Date(times.reduce((last, time) => Math.max(last, time)));
}

/** Returns the time after which slots are undecided. */
function beginOf({ decidedUntil, startAt }: Pick<ScheduleRecord, "decidedUntil" | "startAt">): Date {
  if (startAt === null || startAt <= decidedUntil) return decidedUntil;
  return new Date(startAt.getTime() - 1);
}

/**
 * Returns the next slots of a schedule, at most `count`; none while it is disabled, has ended or
 * cannot be used.
 */
export function nextRunsOf(record: ScheduleSummary, count: number, now: Date): Date[] {
  const { enabled, problem, startAt, endAt, maxRuns, totalRunCount } = record;
  if (!enabled || problem !== null) return [];
  const left = maxRuns === null ? count : Math.min(count, Math.max(0, maxRuns - totalRunCount));
  const from = startAt !== null && startAt > now ? new Date(startAt.getTime() - 1) : now;
  const runs = openSlots(record).take(left, from);
  return endAt === null ? runs : runs.filter((run) => run <= endAt);
}
