import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Timing } from "../timing/timing.ts";

/** What a slot does while a task of the schedule is unfinished. */
export const OVERLAP_POLICIES = ["ALLOW", "SKIP", "QUEUE", "CANCEL_PREVIOUS"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Which missed slots run: none, the last one, or all (the last 100 of the last 7 days). */
export const MISFIRE_POLICIES = ["SKIP", "FIRE_ONCE", "CATCH_UP"] as const;
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** Origin of a schedule. CODE: the configuration or a definition; API: created at run time. */
export const SCHEDULE_SOURCES = ["CODE", "API"] as const;
export type ScheduleSource = (typeof SCHEDULE_SOURCES)[number];

/** The properties of a schedule. */
export interface ScheduleSpec {
  /** Unique. */
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  /** Name of the task definition. */
  readonly taskName: string;
  /** Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. */
  readonly args: Json;
  /** Options of the tasks, `EnqueueOptions` as JSON: durations are strings such as `"PT1M"`. */
  readonly options: JsonObject;
  readonly timing: Timing;
  /** IANA name of the time zone. */
  readonly timeZone: string;
  /** Earliest slot; intervals are counted from here. */
  readonly startAt: Date | null;
  /** Latest slot. */
  readonly endAt: Date | null;
  /** Number of slots with a task after which the schedule ends. */
  readonly maxRuns: number | null;
  readonly overlap: OverlapPolicy;
  readonly misfire: MisfirePolicy;
  /** Longest random delay of each task after its slot, in milliseconds. */
  readonly jitterMs: number | null;
}

/** A schedule as it is stored. */
export interface ScheduleRecord extends ScheduleSpec {
  /** UUID. */
  readonly id: string;
  readonly source: ScheduleSource;
  /** Increases with every change of its properties. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdBy: string | null;
  /** Slots up to this time are decided: fired or skipped. */
  readonly decidedUntil: Date;
  /** Next slot; null if it is not planned yet, or there is none. */
  readonly nextSlot: Date | null;
  /** Time at which the beat checks it next; null if it is disabled or has ended. */
  readonly nextRunAt: Date | null;
  readonly lastRunAt: Date | null;
  readonly lastTaskId: string | null;
  /** Number of tasks that its slots created. */
  readonly totalRunCount: number;
  /** Why the beat cannot use it: a row that was edited by hand and is invalid. */
  readonly problem: string | null;
}

/** The content of an event of a schedule. Large values are loaded on request. */
export type ScheduleSummary = Omit<ScheduleRecord, "args" | "options" | "description">;

export function summaryOf(record: ScheduleRecord): ScheduleSummary {
  const { args: _args, options: _options, description: _description, ...summary } = record;
  return summary;
}

/**
 * Why slots created no task: they were missed; a task was unfinished; a task with the same
 * `uniqueKey` was unfinished.
 */
export const SKIP_REASONS = ["MISFIRED", "OVERLAP", "DUPLICATE"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Consecutive slots that created no task. */
export interface SkippedSlots {
  readonly firstSlot: Date;
  readonly lastSlot: Date;
  /** Number of slots; null if there are more than were counted. */
  readonly count: number | null;
  readonly reason: SkipReason;
}

export const SCHEDULE_EVENT_TYPES = ["CREATED", "UPDATED", "FIRED", "SKIPPED", "DELETED"] as const;
export type ScheduleEventType = (typeof SCHEDULE_EVENT_TYPES)[number];

/** The schedule and slot of a task. */
export interface TaskSchedule {
  readonly id: string;
  readonly name: string;
  /** The due time; null for a run on demand. */
  readonly slot: Date | null;
}

export const SCHEDULE_NAME = /^[^\p{C}\s](?:[^\p{C}]{0,126}[^\p{C}\s])?$/u;
export const SCHEDULE_NAME_RULE = "1 to 128 visible characters, without spaces at its ends";
