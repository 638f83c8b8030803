import type { StatScope } from "../store/stats/stat-store.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import {
  type FailureGroup,
  type Overview,
  MAX_FAILURE_GROUPS,
  STATS_WINDOWS,
  type StatsWindow,
  type TaskStats,
} from "../task/records/stats.ts";
import type { Services } from "./services.ts";

/** Selects tasks and a window of time. */
export interface StatsRequest {
  /** @default "LAST_HOUR" */
  readonly window?: StatsWindow;
  /** Only tasks of this definition or name. */
  readonly task?: string | AnyTaskDefinition;
  /** Only tasks of this queue. Excludes `task`. */
  readonly queue?: string;
}

/**
 * Statistics from TypeScript: `app.statistics`. They are read from the database, and include the
 * tasks of all workers.
 */
export class AppStatistics {
  constructor(private readonly services: () => Services) {}

  /**
   * Returns an overview: unfinished tasks, tasks that ended in the last hour, workers.
   * @throws UnavailableError
   */
  overview(): Promise<Overview> {
    return this.services().statistics.overview();
  }

  /**
   * Returns the tasks that ended in a window: counts, run times, points of a chart. The error of
   * times is at most 10 % (or 1 ms).
   *
   * @throws TypeError for an unknown window, or for `task` together with `queue`
   * @throws UnavailableError
   */
  async of({ window = "LAST_HOUR", task, queue }: StatsRequest = {}): Promise<TaskStats> {
    if (task !== undefined && queue !== undefined)
      throw new TypeError("statistics: give `task` or `queue`, not both.");
    return this.services().statistics.of(scopeOf(task, queue), checked(window));
  }

  /**
   * Returns groups of equal failures of one definition, largest first.
   *
   * @throws TypeError for an unknown window, or for `first` outside of 1..200
   * @throws UnavailableError
   */
  async failureGroups({
    window = "LAST_DAY",
    first = 50,
  }: {
    /** @default "LAST_DAY" */
    readonly window?: StatsWindow;
    /** Largest number of groups, 1..200. @default 50 */
    readonly first?: number;
  } = {}): Promise<FailureGroup[]> {
    if (!Number.isInteger(first) || first < 1 || first > MAX_FAILURE_GROUPS)
      throw new TypeError(`first: expected an integer from 1 to ${MAX_FAILURE_GROUPS}, got ${first}.`);
    return this.services().statistics.failureGroups(checked(window), first);
  }
}

function scopeOf(task: StatsRequest["task"], queue: string | undefined): StatScope {
  if (queue !== undefined) return { by: "queue", keys: [queue] };
  if (task === undefined) return { by: "all" };
  return { by: "name", keys: [typeof task === "string" ? task : task.name] };
}

function checked(window: StatsWindow): StatsWindow {
  if (STATS_WINDOWS.includes(window)) return window;
  throw new TypeError(`window: expected one of ${STATS_WINDOWS.join(", ")}, got ${window}.`);
}
