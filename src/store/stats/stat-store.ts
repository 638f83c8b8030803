import type { FailureGroup, StatsWindow, UnfinishedCounts, WindowStats } from "../../task/records/stats.ts";

/** Which tasks: all, or each of some names or queues for itself. */
export type StatScope =
  | { readonly by: "all" }
  | { readonly by: "name" | "queue"; readonly keys: readonly string[] };

/** The key of what is read of all tasks. */
export const ALL_TASKS = "";

/** Reads statistics: what has ended from the roll-ups, what has not from the small indexes of unfinished rows. */
export interface StatStore {
  /** One entry for each key of the scope. @param now in place of the database's clock */
  ended(scope: StatScope, window: StatsWindow, now?: Date): Promise<ReadonlyMap<string, WindowStats>>;
  /** One entry for each key of the scope. */
  unfinished(scope: StatScope): Promise<ReadonlyMap<string, UnfinishedCounts>>;
  /** Workers that are alive, and those that are lost. */
  workers(): Promise<{ readonly online: number; readonly lost: number }>;
  /** Tasks that ended as FAILURE, by fingerprint and name; the largest groups first. @param now in place of the database's clock */
  failureGroups(window: StatsWindow, limit: number, now?: Date): Promise<FailureGroup[]>;
}

/** Keeps the roll-ups small. Any number of processes may ask at once: each row is handed to one of them. */
export interface StatMaintenanceStore {
  /**
   * Makes one row of many that count the same: of a minute that is over; of an hour, once its minutes are older than any window that needs
   * them; and of the minute under way where many have gathered. Returns whether there may be more to do.
   *
   * @param limit rows taken at once
   * @param now in place of the database's clock
   */
  rollUp(limit: number, now?: Date): Promise<boolean>;
  /** Deletes what is older than the longest window; returns how many rows, at most `limit`. */
  deleteOldStats(limit: number, now?: Date): Promise<number>;
}
