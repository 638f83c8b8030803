import type { Json, JsonObject } from "../../lib/json.ts";
import type { Timing } from "../timing/timing.ts";

/** What to do when a slot comes and a task of the schedule is unfinished. */
export const OVERLAP_POLICIES = ["ALLOW", "SKIP", "QUEUE", "CANCEL_PREVIOUS"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What to do with slots that came while nothing looked: none of them, the last one, all (the last 100 of the last 7 days). */
export const MISFIRE_POLICIES = ["SKIP", "FIRE_ONCE", "CATCH_UP"] as const;
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** CODE: from the configuration or a definition; API: made while everything runs. */
export const SCHEDULE_SOURCES = ["CODE", "API"] as const;
export type ScheduleSource = (typeof SCHEDULE_SOURCES)[number];

/** What a schedule is told to do. */
export interface ScheduleSpec {
  /** Unique. */
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  /** Name of the task definition. */
  readonly taskName: string;
  /** Input of the tasks; texts in it may hold `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. */
  readonly args: Json;
  /** Options of the tasks, as `EnqueueOptions` in JSON: spans are texts such as `"PT1M"`. */
  readonly options: JsonObject;
  readonly timing: Timing;
  /** IANA name. */
  readonly timeZone: string;
  /** No slot before; intervals are counted from here. */
  readonly startAt: Date | null;
  /** No slot after. */
  readonly endAt: Date | null;
  /** It ends after so many slots that gave a task. */
  readonly maxRuns: number | null;
  readonly overlap: OverlapPolicy;
  readonly misfire: MisfirePolicy;
  /** Each task comes up to so many milliseconds after its slot, by chance. */
  readonly jitterMs: number | null;
}

/** A schedule as it is stored. */
export interface ScheduleRecord extends ScheduleSpec {
  /** UUID. */
  readonly id: string;
  readonly source: ScheduleSource;
  /** Rises with every change of what it is told to do. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdBy: string | null;
  /** All slots up to here were decided: fired or skipped. */
  readonly decidedUntil: Date;
  /** The slot that beat waits for; null when it has not been planned yet, or there is none. */
  readonly nextSlot: Date | null;
  /** When beat looks at it next; null while it is disabled or has ended. */
  readonly nextRunAt: Date | null;
  readonly lastRunAt: Date | null;
  readonly lastTaskId: string | null;
  /** Tasks that its slots gave so far. */
  readonly totalRunCount: number;
  /** Why beat cannot use it: a row that was edited by hand into something wrong. */
  readonly problem: string | null;
}

/** What an event carries of a schedule: what may be large is loaded where it is asked for. */
export type ScheduleSummary = Omit<ScheduleRecord, "args" | "options" | "description">;

export function summaryOf(record: ScheduleRecord): ScheduleSummary {
  const { args: _args, options: _options, description: _description, ...summary } = record;
  return summary;
}

/** Why slots gave no task: they came while nothing looked; a task was unfinished; a task with the same `uniqueKey` was unfinished. */
export const SKIP_REASONS = ["MISFIRED", "OVERLAP", "DUPLICATE"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Slots in a row that gave no task. */
export interface SkippedSlots {
  readonly firstSlot: Date;
  readonly lastSlot: Date;
  /** How many; null for more than were counted. */
  readonly count: number | null;
  readonly reason: SkipReason;
}

export const SCHEDULE_CHANGES = ["CREATED", "UPDATED", "FIRED", "SKIPPED", "DELETED"] as const;
export type ScheduleChange = (typeof SCHEDULE_CHANGES)[number];

/** Of which schedule and slot a task is. */
export interface TaskSchedule {
  readonly id: string;
  readonly name: string;
  /** The due time that it stands for; null for a run that somebody asked for. */
  readonly slot: Date | null;
}

export const SCHEDULE_NAME = /^[^\p{C}\s](?:[^\p{C}]{0,126}[^\p{C}\s])?$/u;
export const SCHEDULE_NAME_RULE = "1 to 128 visible characters, without spaces at its ends";
