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
  /** Between two points. A window begins at a multiple of it: at its length ago, or a little earlier. */
  readonly stepMs: number;
}

/** Steps of windows up to a day are whole minutes, those of longer ones whole hours: so fine is what is kept that long. */
export const WINDOW_SHAPES = {
  LAST_5_MINUTES: { lengthMs: 5 * MINUTE, stepMs: MINUTE },
  LAST_HOUR: { lengthMs: HOUR, stepMs: MINUTE },
  LAST_6_HOURS: { lengthMs: 6 * HOUR, stepMs: 5 * MINUTE },
  LAST_DAY: { lengthMs: DAY, stepMs: 15 * MINUTE },
  LAST_WEEK: { lengthMs: 7 * DAY, stepMs: HOUR },
  LAST_MONTH: { lengthMs: 30 * DAY, stepMs: 6 * HOUR },
} as const satisfies Record<StatsWindow, WindowShape>;

/** What the roll-ups count: ends of tasks, and attempts that are followed by another. */
export type CountedOutcome = (typeof FINAL_STATES)[number] | "RETRY";

/** Tasks by their state. */
export type StateCounts = { readonly [State in TaskState as Lowercase<State>]: number };

/** Tasks that have not ended, as they are now. */
export type UnfinishedCounts = Pick<StateCounts, "pending" | "scheduled" | "queued" | "started" | "retry">;

/** A number of tasks in the step that begins then. */
export interface Point {
  readonly at: Date;
  readonly value: number;
}

/** What ended in a window. Times are in milliseconds, read from histograms: at most 10 % (or 1 ms) off; null where nothing ran. */
export interface WindowStats {
  /** From when on: the window's length ago, or up to a step earlier. */
  readonly since: Date;
  /** Up to when: the present. */
  readonly until: Date;
  readonly success: number;
  readonly failure: number;
  readonly revoked: number;
  readonly expired: number;
  /** Attempts that failed and were followed by another. */
  readonly retried: number;
  /** FAILURE as a share of SUCCESS and FAILURE, 0 to 1; 0 where there was neither. */
  readonly failureRate: number;
  /** Of the last attempts of tasks that ended as SUCCESS or FAILURE. */
  readonly runTimeP50: number | null;
  readonly runTimeP95: number | null;
  readonly runTimeP99: number | null;
  /** From QUEUED to the begin of these attempts. */
  readonly waitTimeP95: number | null;
  /** One point for each step, the first of `since` and the last of the step under way, also where nothing ended. */
  readonly succeeded: readonly Point[];
  readonly failed: readonly Point[];
  /** Both together. */
  readonly throughput: readonly Point[];
}

/** What ended in a window, and how many tasks are in which state. */
export interface TaskStats extends WindowStats {
  /** Unfinished tasks as they are now; the others are those that ended in the window. */
  readonly counts: StateCounts;
}

/** How things stand. */
export interface Overview {
  readonly at: Date;
  /** Unfinished tasks as they are now, and what ended in the last hour. */
  readonly counts: StateCounts;
  /** Workers that are alive: ONLINE, DRAINING or PAUSED. */
  readonly workersOnline: number;
  /** Workers that fell silent, until they are forgotten a day later. */
  readonly workersLost: number;
}

/** Tasks that failed for the same reason. */
export interface FailureGroup {
  readonly fingerprint: string;
  /** Class of the error. */
  readonly type: string;
  /** That of the newest, cut where it is long. */
  readonly message: string;
  readonly name: string;
  readonly count: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** The newest task. */
  readonly sampleId: string;
}

/** A window's counts as they were added up: one number for each step. */
export interface WindowCounts {
  readonly since: Date;
  readonly until: Date;
  readonly stepMs: number;
  readonly ended: ReadonlyMap<CountedOutcome, readonly number[]>;
  readonly runTimes: Histogram;
  readonly waitTimes: Histogram;
}

/** What has not ended as it is now, together with what has ended in a window. */
export function countsOf(unfinished: UnfinishedCounts, ended: WindowStats): StateCounts {
  const { success, failure, revoked, expired } = ended;
  return { ...unfinished, success, failure, revoked, expired };
}

/** Makes of counts what people want to know. */
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
