import type { ConcurrencyLimit } from "../../task/limits/limits.ts";
import type { WaitingKey } from "../../task/limits/fair-shares.ts";
import type { ClaimedTask, ClaimRequest } from "../tasks/task-store.ts";

/** Tasks that are limited together and wait in one queue. */
export interface Partition {
  readonly queue: string;
  /**
   * Name of a definition, or `QUEUE_PARTITION`: the tasks of a limited queue whose definitions have
   * no limits.
   */
  readonly partition: string;
}

export interface PartitionClaim
  extends Pick<ClaimRequest, "workerId" | "workerName" | "crashesBelow">, Partition {
  /** Only tasks with at least this crash count. @default all */
  readonly crashesFrom?: number;
  /** Number of tasks to claim for each key, in the order of their turns. */
  readonly wanted: readonly WaitingKey[];
  /** The concurrency limits of the definition. */
  readonly concurrency: readonly ConcurrencyLimit[];
  /**
   * Whether the caller knows the queue as limited. If the queue has limits and this is false,
   * nothing is claimed.
   */
  readonly queueLimited: boolean;
  /** The key that had the last turn, stored for the next look. @default unchanged */
  readonly turn?: string;
  /** For `QUEUE_PARTITION`: definitions that this worker can run. */
  readonly names: readonly string[];
}

export interface PartitionClaimed {
  readonly tasks: readonly ClaimedTask[];
  /** Number of tasks that the limits allowed: fewer than wanted if concurrency is used up. */
  readonly allowed: number;
}

/** The turns and the running tasks of a partition. */
export interface PartitionState {
  /** The key that had the last turn; `""` before the first. */
  readonly turn: string;
  /** Number of running tasks by key, in all queues. */
  readonly running: ReadonlyMap<string, number>;
}

export interface FirstWaiting {
  readonly id: string;
  readonly name: string;
  readonly key: string | null;
  readonly crashCount: number;
}

/**
 * Reads and claims limited tasks within their concurrency limits. All methods may throw
 * UnavailableError.
 */
export interface PartitionStore {
  partitionState(partition: Partition): Promise<PartitionState>;
  /**
   * Keys after `after` with waiting tasks, in order: at most `maxKeys`, each counted up to
   * `maxTasks`.
   */
  waitingKeys(partition: Partition, after: string, maxKeys: number, maxTasks: number): Promise<WaitingKey[]>;
  /**
   * QUEUED -> STARTED as `claim` does it, for the tasks of one partition: of each key those of the
   * highest priority first, then the oldest. No concurrency limit is exceeded, also with concurrent
   * claims.
   */
  claimPartition(claim: PartitionClaim): Promise<PartitionClaimed>;
  /**
   * Returns a waiting task of the partition, if possible one of these names; null when none waits.
   */
  firstWaiting(partition: Partition, names: readonly string[]): Promise<FirstWaiting | null>;
  /**
   * Applies the limits of definitions to tasks that were enqueued before the definitions had
   * limits.
   */
  backfillLimitKey(taskIds: readonly string[], names: readonly string[]): Promise<void>;
}
