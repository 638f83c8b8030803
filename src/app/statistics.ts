import type { StatScope } from "../store/stats/stat-store.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import {
  type FailureGroup,
  type Overview,
  STATS_WINDOWS,
  type StatsWindow,
  type TaskStats,
} from "../task/records/stats.ts";
import type { Services } from "./services.ts";

/** Of which tasks, and since when. */
export interface StatsRequest {
  /** @default "LAST_HOUR" */
  readonly window?: StatsWindow;
  /** Only tasks of this definition, or of this name. */
  readonly task?: string | AnyTaskDefinition;
  /** Only tasks of this queue; not together with `task`. */
  readonly queue?: string;
}

const MAX_GROUPS = 500;

/** Statistics from TypeScript: `app.statistics`. They say what the database says at that moment, whoever ran the tasks. */
export class AppStatistics {
  constructor(private readonly services: () => Services) {}

  /** How things stand: unfinished tasks, what ended in the last hour, workers. @throws UnavailableError */
  overview(): Promise<Overview> {
    return this.services().statistics.overview();
  }

  /**
   * What ended in a window: counts, run times, points for a chart. Times are at most 10 % (or 1 ms) off.
   *
   * @throws TypeError for a window that does not exist, or for `task` and `queue` together
   * @throws UnavailableError
   */
  async of({ window = "LAST_HOUR", task, queue }: StatsRequest = {}): Promise<TaskStats> {
    if (task !== undefined && queue !== undefined)
      throw new TypeError("statistics: give `task` or `queue`, not both.");
    return this.services().statistics.of(scopeOf(task, queue), checked(window));
  }

  /**
   * Tasks that ended as FAILURE, grouped by equal failures of one name; the largest groups first.
   *
   * @throws TypeError for a window that does not exist, or for `first` outside of 1..500
   * @throws UnavailableError
   */
  async failureGroups({
    window = "LAST_DAY",
    first = 50,
  }: {
    /** @default "LAST_DAY" */
    readonly window?: StatsWindow;
    /** How many groups at most, 1..500. @default 50 */
    readonly first?: number;
  } = {}): Promise<FailureGroup[]> {
    if (!Number.isInteger(first) || first < 1 || first > MAX_GROUPS)
      throw new TypeError(`statistics: first must be 1..${MAX_GROUPS}, got ${first}.`);
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
  throw new TypeError(`statistics: window must be one of ${STATS_WINDOWS.join(", ")}, got ${window}.`);
}
