import type { Hint } from "../../task/records/hint.ts";
import type { Keep } from "../../task/records/results.ts";
import type { TaskSummary } from "../../task/records/task.ts";

/** One batch of rescued tasks. */
export interface Rescued {
  readonly requeued: readonly TaskSummary[];
  /** Crashed too often: FAILURE with `WorkerLost`. */
  readonly failed: readonly TaskSummary[];
  /** A cancel was requested before. */
  readonly revoked: readonly TaskSummary[];
}

/**
 * Statements of the maintenance loops. Any number of processes may run them at once: each row goes
 * to one of them.
 */
export interface MaintenanceStore {
  /**
   * Tasks that transactions of callers or plain SQL committed count as announced from here on:
   * version 0 becomes 1. Returns at most `limit`, each to one process.
   */
  announceNew(limit: number): Promise<TaskSummary[]>;
  /** SCHEDULED and RETRY rows that are due become QUEUED. Returns at most `limit`. */
  promoteDue(limit: number): Promise<TaskSummary[]>;
  /**
   * Milliseconds until the next SCHEDULED or RETRY row is due, by the database's clock; null when
   * there is none.
   */
  nextDueInMs(): Promise<number | null>;
  /** Waiting rows past `expiresAt` become EXPIRED. Returns at most `limit`. */
  expire(limit: number, keepMs: number): Promise<TaskSummary[]>;
  /**
   * STARTED rows of workers that are LOST, OFFLINE or unknown go back to QUEUED; at most `limit`
   * rows. All but those of OFFLINE workers are charged a crash; with `maxCrashes` of them they end.
   */
  rescue(limit: number, maxCrashes: number, keep: Keep): Promise<Rescued>;
  /** Names of queues that hold QUEUED rows. */
  queuesWithWaiting(): Promise<string[]>;
  /**
   * Number of QUEUED rows of a queue with their own hints that have waited at least `waitedMs`,
   * counted up to `limit`.
   */
  countWaiting(queue: string, waitedMs: number, limit: number): Promise<number>;
  /**
   * Hints of such rows, in order of id, after `afterId`. `queue` null means all queues. Paused
   * queues are included.
   */
  waitingHints(
    queue: string | null,
    waitedMs: number,
    afterId: string | null,
    limit: number,
  ): Promise<Hint[]>;
  /** One hint for each partition with waiting tasks; `queue` null means all queues. */
  waitingPartitions(queue: string | null): Promise<Hint[]>;
  /** Returns the broker's epoch that the database has. */
  brokerEpoch(): Promise<string | null>;
  /** Replaces the epoch if it is still `expected`; false when another process was first. */
  replaceBrokerEpoch(expected: string | null, epoch: string): Promise<boolean>;
  /**
   * Returns whether this repairer may repair the hints now. There is one at a time, so that no two
   * send the same hints. It keeps the role until it ends the repair, or has not asked again for 5
   * s: then it counts as dead.
   */
  beginRepair(repairer: string): Promise<boolean>;
  endRepair(repairer: string): Promise<void>;
  /** Deletes finished rows past their `keepUntil`; returns how many, at most `limit`. */
  deleteExpired(limit: number): Promise<number>;
}
