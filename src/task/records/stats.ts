import { DAY, HOUR, MINUTE } from "../../lib/clock.ts";
import { type Histogram, percentileOf } from "./histogram.ts";
import type { FINAL_STATES, TaskState } from "./state.ts";

export const STATS_WINDOWS = [
  "LAST_5_MINUTES",
  "LAST_HOUR",
  "LAST_6_HOURS",
  "LAST_DAY",
  "LAST_WEEK",
  "LAST_MONTH",
] as const;
export type StatsWindow = (typeof STATS_WINDOWS)[number];

interface WindowShape {
  readonly lengthMs: number;
  /**
   * Step between two points. A window begins at a multiple of it: its length ago, or up to a step
   * earlier.
   */
  readonly stepMs: number;
}

/**
 * Steps of windows up to a day are whole minutes, those of longer ones whole hours, as counts are
 * stored.
 */
export const WINDOW_SHAPES = {
  LAST_5_MINUTES: { lengthMs: 5 * MINUTE, stepMs: MINUTE },
  LAST_HOUR: { lengthMs: HOUR, stepMs: MINUTE },
  LAST_6_HOURS: { lengthMs: 6 * HOUR, stepMs: 5 * MINUTE },
  LAST_DAY: { lengthMs: DAY, stepMs: 15 * MINUTE },
  LAST_WEEK: { lengthMs: 7 * DAY, stepMs: HOUR },
  LAST_MONTH: { lengthMs: 30 * DAY, stepMs: 6 * HOUR },
} as const satisfies Record<StatsWindow, WindowShape>;

/** The events that roll-ups count: ends of tasks, and attempts with a retry. */
export type CountedOutcome = (typeof FINAL_STATES)[number] | "RETRY";

/** Numbers of tasks by state. */
export type StateCounts = { readonly [State in TaskState as Lowercase<State>]: number };

/** Current numbers of unfinished tasks by state. */
export type UnfinishedCounts = Pick<StateCounts, "pending" | "scheduled" | "queued" | "started" | "retry">;

/** Number of tasks in the step that starts at `at`. */
export interface Point {
  readonly at: Date;
  readonly value: number;
}

/**
 * Statistics of the tasks that ended in a window. Times are in milliseconds, from histograms: the
 * error is at most 10 % (or 1 ms). Null if nothing ran.
 */
export interface WindowStats {
  /** Start of the window: its length ago, or up to a step earlier. */
  readonly since: Date;
  /** End of the window: now. */
  readonly until: Date;
  readonly success: number;
  readonly failure: number;
  readonly revoked: number;
  readonly expired: number;
  /** Failed attempts with a retry. */
  readonly retried: number;
  /** Share of FAILURE in SUCCESS and FAILURE, 0 to 1; 0 if there was neither. */
  readonly failureRate: number;
  /** Run times of the last attempts of tasks that ended as SUCCESS or FAILURE. */
  readonly runTimeP50: number | null;
  readonly runTimeP95: number | null;
  readonly runTimeP99: number | null;
  /** Times from QUEUED to the start of these attempts. */
  readonly waitTimeP95: number | null;
  /** One point for each step, from that of `since` to the current one, also for empty steps. */
  readonly succeeded: readonly Point[];
  readonly failed: readonly Point[];
  /** Sum of both. */
  readonly throughput: readonly Point[];
}

/** Numbers of tasks by state, and the tasks that ended in a window. */
export interface TaskStats extends WindowStats {
  /** Current unfinished tasks, and tasks that ended in the window. */
  readonly counts: StateCounts;
}

/** An overview of all tasks and workers. */
export interface Overview {
  readonly at: Date;
  /** Current unfinished tasks, and tasks that ended in the last hour. */
  readonly counts: StateCounts;
  /** Live workers: ONLINE, DRAINING or PAUSED. */
  readonly workersOnline: number;
  /** Workers without heartbeats, until they are deleted a day later. */
  readonly workersLost: number;
}

/** Largest number of failure groups that one call returns. */
export const MAX_FAILURE_GROUPS = 200;

/** Tasks with equal failures. */
export interface FailureGroup {
  readonly fingerprint: string;
  /** Class of the error. */
  readonly type: string;
  /** Message of the newest failure, shortened. */
  readonly message: string;
  readonly name: string;
  readonly count: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** Id of the newest task. */
  readonly sampleId: string;
}

/** The counts of a window: one number for each step. */
export interface WindowCounts {
  readonly since: Date;
  readonly until: Date;
  readonly stepMs: number;
  readonly ended: ReadonlyMap<CountedOutcome, readonly number[]>;
  readonly runTimes: Histogram;
  readonly waitTimes: Histogram;
}

/** Joins the current unfinished tasks with the tasks that ended in a window. */
export function countsOf(unfinished: UnfinishedCounts, ended: WindowStats): StateCounts {
  const { success, failure, revoked, expired } = ended;
  return { ...unfinished, success, failure, revoked, expired };
}

/** Computes statistics from counts. */
export function summarize({ since, until, stepMs, ended, runTimes, waitTimes }: WindowCounts): WindowStats {
  const steps = Math.floor((until.getTime() - since.getTime()) / stepMs) + 1;
  const points = (...outcomes: readonly CountedOutcome[]): Point[] =>
    Array.from({ length: steps }, (_, step) => ({
      at: new Date(since.getTime() + step * stepMs),
      value: outcomes.reduce((sum, outcome) => sum + (ended.get(outcome)?.[step] ?? 0), 0),
    }));
  const total = (outcome: CountedOutcome): number =>
    (ended.get(outcome) ?? []).reduce((sum, count) => sum + (count ?? 0), 0);
  const [success, failure] = [total("SUCCESS"), total("FAILURE")];
  return {
    ...{ since, until, success, failure },
    revoked: total("REVOKED"),
    expired: total("EXPIRED"),
    retried: total("RETRY"),
    failureRate: success + failure === 0 ? 0 : failure / (success + failure),
    runTimeP50: percentileOf(runTimes, 0.5),
    runTimeP95: percentileOf(runTimes, 0.95),
    runTimeP99: percentileOf(runTimes, 0.99),
    waitTimeP95: percentileOf(waitTimes, 0.95),
    succeeded: points("SUCCESS"),
    failed: points("FAILURE"),
    throughput: points("SUCCESS", "FAILURE"),
  };
}
