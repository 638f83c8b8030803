import { ALL_TASKS, type StatScope, type StatStore } from "../store/stats/stat-store.ts";
import {
  countsOf,
  type FailureGroup,
  type Overview,
  type StatsWindow,
  type TaskStats,
} from "../task/records/stats.ts";

/** What people ask about tasks as a whole. */
export class Statistics {
  constructor(private readonly store: StatStore) {}

  async overview(): Promise<Overview> {
    const [{ until, counts }, { online, lost }] = await Promise.all([
      this.of({ by: "all" }, "LAST_HOUR"),
      this.store.workers(),
    ]);
    return { at: until, counts, workersOnline: online, workersLost: lost };
  }

  /** Of all tasks, or of those of one name or queue. */
  async of(scope: StatScope, window: StatsWindow): Promise<TaskStats> {
    const key = scope.by === "all" ? ALL_TASKS : scope.keys[0]!;
    const [ended, unfinished] = await Promise.all([
      this.store.ended(scope, window),
      this.store.unfinished(scope),
    ]);
    const stats = ended.get(key)!;
    return { ...stats, counts: countsOf(unfinished.get(key)!, stats) };
  }

  failureGroups(window: StatsWindow, limit: number): Promise<FailureGroup[]> {
    return this.store.failureGroups(window, limit);
  }
}
