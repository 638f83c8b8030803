import type {
  ScheduleRecord,
  ScheduleSource,
  ScheduleSpec,
  SkippedSlots,
} from "../../task/schedule/schedule.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { NewTask } from "../tasks/task-store.ts";

/** A schedule that beat has to look at, as it is while its row is locked. */
export interface DueSchedule {
  readonly record: ScheduleRecord;
  /** Tasks of it that have not ended. Counted only where its overlap policy asks. */
  readonly unfinished: number;
  /** Timings that it had before, and whose last slots may not have been decided. Oldest first. */
  readonly former: readonly FormerTiming[];
}

/** A timing that was replaced, with what was decided of it. */
export interface FormerTiming extends Pick<
  ScheduleRecord,
  "timing" | "timeZone" | "startAt" | "endAt" | "decidedUntil"
> {
  readonly replacedAt: Date;
}

/** What beat decided about one schedule. */
export interface SlotDecision {
  readonly scheduleId: string;
  /** The tasks of its slots, oldest first. */
  readonly tasks: readonly NewTask[];
  /** Unfinished tasks of it are cancelled first. */
  readonly cancelPrevious: boolean;
  readonly skipped: readonly SkippedSlots[];
  readonly decidedUntil: Date;
  readonly nextSlot: Date | null;
  readonly nextRunAt: Date | null;
  /** Why it cannot be used: it is disabled then. */
  readonly problem: string | null;
}

/** What one look did, committed. */
export interface BeatRound {
  /** Whether there may be more that is due. */
  readonly more: boolean;
  /** Those that changed in a way that is worth telling, as they are now. */
  readonly fired: readonly ScheduleRecord[];
  readonly skipped: readonly ScheduleRecord[];
  readonly planned: readonly ScheduleRecord[];
  readonly created: readonly TaskSummary[];
  readonly revoked: readonly TaskSummary[];
  readonly cancelRequested: readonly string[];
}

/** What there is to do. */
export interface BeatLook {
  /** Milliseconds until the next schedule is due, by the database's clock; null when none is. */
  readonly dueInMs: number | null;
  /** Whether tasks are held back by an unfinished one. */
  readonly held: boolean;
}

/** What beat asks of the database. */
export interface BeatStore {
  /** One statement, which is all that a beat at rest sends. `at` stands for the database's time, in tests. */
  look(at?: Date): Promise<BeatLook>;
  /**
   * Takes schedules that are due and that nobody else looks at, has each decided about, and stores the decisions, all in one transaction:
   * at most `limit` of them, and no more than take little time.
   * `decide` is told the database's time, or `at` instead, which is for tests.
   */
  take(
    limit: number,
    decide: (due: DueSchedule, now: Date) => SlotDecision,
    options: { readonly keepMs: number; readonly at?: Date | undefined },
  ): Promise<BeatRound>;
  /** Held tasks whose predecessors have ended: PENDING -> QUEUED. */
  releaseHeld(): Promise<TaskSummary[]>;
  /** Deletes notes of skipped slots that are older. */
  deleteOldSkips(olderThanMs: number, limit: number): Promise<number>;
}

export interface ScheduleFilter {
  readonly enabled?: boolean;
  readonly taskNames?: readonly string[];
  /** Free text over name, description and task name. */
  readonly search?: string;
  readonly source?: ScheduleSource;
}

export type ScheduleChanges = Partial<ScheduleSpec> & { readonly source?: ScheduleSource };

export type Updated =
  | { readonly kind: "updated"; readonly schedule: ScheduleRecord }
  /** Somebody changed it since; this is how it is now. */
  | { readonly kind: "stale"; readonly schedule: ScheduleRecord }
  | { readonly kind: "missing" }
  /** Another one has the name. */
  | { readonly kind: "nameTaken" };

/** Schedules as people see and change them. */
export interface ScheduleStore {
  /** Null when one with the name exists. */
  insert(
    spec: ScheduleSpec,
    facts: { readonly source: ScheduleSource; readonly createdBy: string | null },
  ): Promise<ScheduleRecord | null>;
  /** Changes one; with a version, only if it still has that. */
  update(id: string, version: number | null, changes: ScheduleChanges): Promise<Updated>;
  setEnabled(ids: readonly string[], enabled: boolean): Promise<ScheduleRecord[]>;
  delete(ids: readonly string[]): Promise<ScheduleRecord[]>;
  /** In order of their names, after a name. */
  page(filter: ScheduleFilter, limit: number, afterName?: string): Promise<ScheduleRecord[]>;
  count(filter: ScheduleFilter): Promise<number>;
  byIds(ids: readonly string[]): Promise<ScheduleRecord[]>;
  byNames(names: readonly string[]): Promise<ScheduleRecord[]>;
  /** Notes tasks that somebody asked for. Returns the schedules after it. */
  noteRuns(runs: readonly { readonly id: string; readonly taskId: string }[]): Promise<ScheduleRecord[]>;
  /** Of several schedules, in order, by one statement; newest first. */
  skipped(
    requests: readonly { readonly scheduleId: string; readonly limit: number }[],
  ): Promise<SkippedSlots[][]>;
}
