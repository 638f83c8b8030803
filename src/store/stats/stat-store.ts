import type { FailureGroup, StatsWindow, UnfinishedCounts, WindowStats } from "../../task/records/stats.ts";

/** The tasks to count: all together, or by given names or queues. */
export type StatScope =
  | { readonly by: "all" }
  | { readonly by: "name" | "queue"; readonly keys: readonly string[] };

/** The key of the statistics of all tasks. */
export const ALL_TASKS = "";

/**
 * Reads statistics: ended tasks from the roll-ups, unfinished ones from the small indexes of their
 * rows.
 */
export interface StatStore {
  /**
   * One entry for each key of the scope.
   *
   * @param now in place of the database's clock
   */
  ended(scope: StatScope, window: StatsWindow, now?: Date): Promise<ReadonlyMap<string, WindowStats>>;
  /** One entry for each key of the scope. */
  unfinished(scope: StatScope): Promise<ReadonlyMap<string, UnfinishedCounts>>;
  /** Counts live and lost workers. */
  workers(): Promise<{ readonly online: number; readonly lost: number }>;
  /**
   * Tasks that ended as FAILURE, by fingerprint and name; the largest groups first.
   * @param now in place of the database's clock
   */
  failureGroups(window: StatsWindow, limit: number, now?: Date): Promise<FailureGroup[]>;
}

/**
 * Keeps the roll-ups small. Any number of processes may call it at once: each row goes to one of
 * them.
 */
export interface StatMaintenanceStore {
  /**
   * Merges rows that count the same: those of a past minute; those of an hour, once its minutes are
   * older than any window that needs them; and those of the current minute if there are many.
   * Returns whether there may be more to do.
   *
   * @param limit rows of one batch
   * @param now in place of the database's clock
   */
  rollUp(limit: number, now?: Date): Promise<boolean>;
  /** Deletes rows older than the longest window. Returns their number, at most `limit`. */
  deleteOldStats(limit: number, now?: Date): Promise<number>;
}
