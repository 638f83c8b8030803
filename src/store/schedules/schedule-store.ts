import type {
  ScheduleRecord,
  ScheduleSource,
  ScheduleSpec,
  SkippedSlots,
} from "../../task/schedule/schedule.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { NewTask } from "../tasks/task-store.ts";

/** A due schedule, as it is while its row is locked. */
export interface DueSchedule {
  readonly record: ScheduleRecord;
  /** Number of its unfinished tasks. Counted only if its overlap policy needs it. */
  readonly unfinished: number;
  /** Earlier timings whose last slots may be undecided. Oldest first. */
  readonly former: readonly FormerTiming[];
}

/** A timing that was replaced, and until when its slots were decided. */
export interface FormerTiming extends Pick<
  ScheduleRecord,
  "timing" | "timeZone" | "startAt" | "endAt" | "decidedUntil"
> {
  readonly replacedAt: Date;
}

/** Beat's decision about one schedule. */
export interface SlotDecision {
  readonly scheduleId: string;
  /** The tasks of its slots, oldest first. */
  readonly tasks: readonly NewTask[];
  /** Whether its unfinished tasks are cancelled first. */
  readonly cancelPrevious: boolean;
  readonly skipped: readonly SkippedSlots[];
  readonly decidedUntil: Date;
  readonly nextSlot: Date | null;
  readonly nextRunAt: Date | null;
  /** Why it cannot be used: then it is disabled. */
  readonly problem: string | null;
}

/** The committed changes of one round. */
export interface BeatRound {
  /** Whether more schedules may be due. */
  readonly more: boolean;
  /** Schedules with a change to report, after the change. */
  readonly fired: readonly ScheduleRecord[];
  readonly skipped: readonly ScheduleRecord[];
  readonly planned: readonly ScheduleRecord[];
  readonly created: readonly TaskSummary[];
  readonly revoked: readonly TaskSummary[];
  readonly cancelRequested: readonly string[];
}

/** The work that beat has. */
export interface BeatLook {
  /** Milliseconds until the next schedule is due, by the database's clock; null when none is. */
  readonly dueInMs: number | null;
  /** Whether tasks are held back by an unfinished one. */
  readonly held: boolean;
}

/** Statements of beat. */
export interface BeatStore {
  /** One statement: an idle beat sends no other. Tests pass `at` instead of the database's time. */
  look(at?: Date): Promise<BeatLook>;
  /**
   * Locks due schedules that no other beat has locked, decides about each, and stores the
   * decisions, in one transaction: at most `limit` schedules, and only as many as take little time.
   * `decide` gets the database's time; tests pass `at` instead.
   */
  take(
    limit: number,
    decide: (due: DueSchedule, now: Date) => SlotDecision,
    options: { readonly keepMs: number; readonly at?: Date | undefined },
  ): Promise<BeatRound>;
  /** Held tasks whose predecessors have ended: PENDING -> QUEUED. */
  releaseHeld(): Promise<TaskSummary[]>;
  /** Deletes records of skipped slots that are older. */
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
  /** It was changed since; with its present state. */
  | { readonly kind: "stale"; readonly schedule: ScheduleRecord }
  | { readonly kind: "missing" }
  /** Another schedule has the name. */
  | { readonly kind: "nameTaken" };

/** Reads and changes schedules on behalf of people. */
export interface ScheduleStore {
  /** Returns null when a schedule with the name exists. */
  insert(
    spec: ScheduleSpec,
    facts: { readonly source: ScheduleSource; readonly createdBy: string | null },
  ): Promise<ScheduleRecord | null>;
  /** Changes a schedule; with a version, only if it still has that version. */
  update(id: string, version: number | null, changes: ScheduleChanges): Promise<Updated>;
  setEnabled(ids: readonly string[], enabled: boolean): Promise<ScheduleRecord[]>;
  delete(ids: readonly string[]): Promise<ScheduleRecord[]>;
  /** In order of their names, after a name. */
  page(filter: ScheduleFilter, limit: number, afterName?: string): Promise<ScheduleRecord[]>;
  count(filter: ScheduleFilter): Promise<number>;
  byIds(ids: readonly string[]): Promise<ScheduleRecord[]>;
  byNames(names: readonly string[]): Promise<ScheduleRecord[]>;
  /** Records tasks that were run on request. Returns the schedules after it. */
  noteRuns(runs: readonly { readonly id: string; readonly taskId: string }[]): Promise<ScheduleRecord[]>;
  /** Returns skipped slots of several schedules, in order, by one statement; newest first. */
  skipped(requests: readonly SkippedRequest[]): Promise<SkippedSlots[][]>;
  /** Counts the entries of skipped slots of several schedules, in order, by one statement. */
  countSkipped(scheduleIds: readonly string[]): Promise<number[]>;
}

export interface SkippedRequest {
  readonly scheduleId: string;
  readonly limit: number;
  /** Only entries whose first slot is earlier, in ISO 8601. @default all */
  readonly before?: string;
}
