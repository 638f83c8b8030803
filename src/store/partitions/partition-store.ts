import type { ConcurrencyLimit } from "../../task/limits/limits.ts";
import type { WaitingKey } from "../../task/limits/fair-shares.ts";
import type { ClaimedTask, ClaimRequest } from "../tasks/task-store.ts";

/** The tasks that are limited together and wait in one queue. */
export interface Partition {
  readonly queue: string;
  /** Name of a definition; or `QUEUE_PARTITION`: the tasks of a limited queue that have no limits of their own. */
  readonly partition: string;
}

export interface PartitionClaim
  extends Pick<ClaimRequest, "workerId" | "workerName" | "crashesBelow">, Partition {
  /** Only tasks whose worker died so often, or more often. @default all */
  readonly crashesFrom?: number;
  /** How many of which keys, in the order of their turns. */
  readonly wanted: readonly WaitingKey[];
  /** How many tasks of the definition may run at once. */
  readonly concurrency: readonly ConcurrencyLimit[];
  /** Whether the limits of the queue are known. Where it has limits and they are not, nothing is claimed. */
  readonly queueLimited: boolean;
  /** Remembered for the next look: the key that had the last turn. @default it stays */
  readonly turn?: string;
  /** Of `QUEUE_PARTITION`: names that this worker can run. */
  readonly names: readonly string[];
}

export interface PartitionClaimed {
  readonly tasks: readonly ClaimedTask[];
  /** How many might have been claimed: fewer than were wanted where the limits of concurrency left no more. */
  readonly allowed: number;
}

/** Where the turns of a partition stand. */
export interface PartitionState {
  /** The key that had the last turn; `""` before the first. */
  readonly turn: string;
  /** How many tasks run, by key, in all queues. */
  readonly running: ReadonlyMap<string, number>;
}

export interface FirstWaiting {
  readonly id: string;
  readonly name: string;
  readonly key: string | null;
  readonly crashCount: number;
}

/** Limited tasks: what waits, and claims that keep within limits of concurrency. All of it may throw UnavailableError. */
export interface PartitionStore {
  partitionState(partition: Partition): Promise<PartitionState>;
  /** The keys after `after` of which tasks wait, in their order; at most `maxKeys`, and each counted no further than `maxTasks`. */
  waitingKeys(partition: Partition, after: string, maxKeys: number, maxTasks: number): Promise<WaitingKey[]>;
  /**
   * QUEUED -> STARTED as `claim` does it, for the tasks of one partition: of each key those of the highest priority first, then the oldest. Also with
   * others that claim at the same time no limit of concurrency is exceeded.
   */
  claimPartition(claim: PartitionClaim): Promise<PartitionClaimed>;
  /** A task of the partition, one of these names where there is one, else whoever may run it; null when none waits. */
  firstWaiting(partition: Partition, names: readonly string[]): Promise<FirstWaiting | null>;
  /** Tasks of these names that were enqueued before their definitions had limits are held to them from now on. */
  backfillLimitKey(taskIds: readonly string[], names: readonly string[]): Promise<void>;
}
