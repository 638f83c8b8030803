import type { Hint } from "../../task/records/hint.ts";
import type { Keep } from "../../task/records/results.ts";
import type { TaskSummary } from "../../task/records/task.ts";

/** A batch that was taken from a larger set. */
export interface Rescued {
  readonly requeued: readonly TaskSummary[];
  /** Crashed too often: FAILURE with `WorkerLost`. */
  readonly failed: readonly TaskSummary[];
  /** Someone had asked to cancel them. */
  readonly revoked: readonly TaskSummary[];
}

/** What the loops ask of the database. Any number of processes may ask at once: each row is handed to one of them. */
export interface MaintenanceStore {
  /** SCHEDULED and RETRY rows that are due become QUEUED. Returns at most `limit`. */
  promoteDue(limit: number): Promise<TaskSummary[]>;
  /** Milliseconds until the next SCHEDULED or RETRY row is due, by the database's clock; null when there is none. */
  nextDueInMs(): Promise<number | null>;
  /** Waiting rows past `expiresAt` become EXPIRED. Returns at most `limit`. */
  expire(limit: number, keepMs: number): Promise<TaskSummary[]>;
  /**
   * STARTED rows of workers that are LOST, OFFLINE or unknown go back to QUEUED; at most `limit` rows. All but those of OFFLINE workers
   * are charged a crash; with `maxCrashes` of them they end.
   */
  rescue(limit: number, maxCrashes: number, keep: Keep): Promise<Rescued>;
  /** Names of queues that hold QUEUED rows. */
  queuesWithWaiting(): Promise<string[]>;
  /** How many QUEUED rows of a queue that have hints of their own have waited at least `waitedMs`, counted no further than `limit`. */
  countWaiting(queue: string, waitedMs: number, limit: number): Promise<number>;
  /** The hints of such rows, by id, after `afterId`. `queue` null means all queues. Paused queues are included. */
  waitingHints(
    queue: string | null,
    waitedMs: number,
    afterId: string | null,
    limit: number,
  ): Promise<Hint[]>;
  /** One hint for each partition of which tasks wait; `queue` null means all queues. */
  waitingPartitions(queue: string | null): Promise<Hint[]>;
  /** The broker's mark as the database knows it. */
  brokerEpoch(): Promise<string | null>;
  /** Replaces the mark if it is still `expected`; false when another process was first. */
  replaceBrokerEpoch(expected: string | null, epoch: string): Promise<boolean>;
  /**
   * Whether this one may repair the hints now: one repairer at a time, so that no two send the same hints. It stays the one until it ends
   * the repair, or has not asked again for 5 s: then it died.
   */
  beginRepair(repairer: string): Promise<boolean>;
  endRepair(repairer: string): Promise<void>;
  /** Deletes finished rows past their `keepUntil`; returns how many, at most `limit`. */
  deleteExpired(limit: number): Promise<number>;
}
