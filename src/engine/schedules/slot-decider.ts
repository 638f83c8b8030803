import type { DueSchedule, FormerTiming, SlotDecision } from "../../store/schedules/schedule-store.ts";
import type { ScheduleRecord, ScheduleSummary, SkippedSlots } from "../../task/schedule/schedule.ts";
import { Calendars } from "../../task/timing/calendars.ts";
import { findTimingIssues } from "../../task/timing/check-timing.ts";
import { Occurrences } from "../../task/timing/occurrences.ts";
import type { ScheduledTasks } from "./scheduled-tasks.ts";
import { allMissed, chooseSlots, dueSlots } from "./slot-policy.ts";

/** Decides what a schedule does now: which slots are due, which of them give tasks, and when to look again. */
export class SlotDecider {
  readonly #calendars = new Calendars();

  constructor(
    private readonly tasks: Pick<ScheduledTasks, "make">,
    private readonly random: () => number = Math.random,
  ) {}

  /** Never throws: a schedule that cannot be used is decided to have a problem. */
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

    // What comes after the first has jitter of its own; it is due when that must be over.
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

/** The slots of a schedule, without regard to where it begins and ends. @throws Error that says what is wrong with it */
function openSlots(record: ScheduleSummary, calendars = new Calendars()): Occurrences {
  const { timing, timeZone, startAt, createdAt, nextSlot } = record;
  // Whoever planned it has checked it, and a change makes it planned anew. A clocked time that has come is no mistake of one that exists.
  const isChecked = nextSlot !== null || timing.kind === "clocked";
  const [issue] = isChecked ? [] : findTimingIssues(timing, timeZone, createdAt, [], calendars);
  if (issue) throw new Error(`${issue.path.join(".")}: ${issue.message}`);
  return new Occurrences(timing, timeZone, startAt ?? createdAt, calendars);
}

/** The slots that were due and not decided when a timing was replaced: nobody can say any more what they were to give. */
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

/** The last slot that gave a task, or was noted: with `maxRuns` used up, there may be due ones after it of which nothing is said. */
function lastDecided(fire: readonly Date[], skipped: readonly SkippedSlots[]): Date | null {
  const times = [...fire, ...skipped.map(({ lastSlot }) => lastSlot)].map((slot) => slot.getTime());
  return times.length === 0 ? null : new Date(times.reduce((last, time) => Math.max(last, time)));
}

/** Slots after this moment have not been decided. */
function beginOf({ decidedUntil, startAt }: Pick<ScheduleRecord, "decidedUntil" | "startAt">): Date {
  if (startAt === null || startAt <= decidedUntil) return decidedUntil;
  return new Date(startAt.getTime() - 1);
}

/** The slots to come of a schedule, at most `count`; none while it is disabled, has ended or cannot be used. */
export function nextRunsOf(record: ScheduleSummary, count: number, now: Date): Date[] {
  const { enabled, problem, startAt, endAt, maxRuns, totalRunCount } = record;
  if (!enabled || problem !== null) return [];
  const left = maxRuns === null ? count : Math.min(count, Math.max(0, maxRuns - totalRunCount));
  const from = startAt !== null && startAt > now ? new Date(startAt.getTime() - 1) : now;
  const runs = openSlots(record).take(left, from);
  return endAt === null ? runs : runs.filter((run) => run <= endAt);
}
