/** A queue as the database sees it. */
export interface QueueRecord {
  readonly name: string;
  readonly paused: boolean;
  /** QUEUED rows. */
  readonly waiting: number;
  /** SCHEDULED and RETRY rows. */
  readonly scheduled: number;
  /** STARTED rows. */
  readonly active: number;
  /** Maximum number of its running tasks; null for no limit. */
  readonly concurrencyLimit: number | null;
  /** Rate limit of starts, such as `"100/s"`; null for no limit. */
  readonly rateLimit: string | null;
  /** Age of the oldest QUEUED row, in milliseconds; 0 when none waits. */
  readonly latencyMs: number;
}

/** Settings of a queue. */
export interface QueueSettings extends QueueLimits {
  readonly name: string;
  readonly paused: boolean;
}

/** Limits of a queue, for all its tasks together. */
export interface QueueLimits {
  readonly concurrencyLimit: number | null;
  readonly rateLimit: string | null;
}

export interface QueueStore {
  /**
   * Queues that hold unfinished rows, are paused or limited, or are named in `known`; sorted by
   * name.
   */
  list(known: readonly string[]): Promise<QueueRecord[]>;
  /**
   * Pauses or resumes a queue. Tasks of a paused queue are not claimed; enqueueing is not affected.
   */
  setPaused(name: string, paused: boolean): Promise<void>;
  /** Sets limits of a queue. No claim after the commit exceeds them; running tasks continue. */
  setLimits(name: string, limits: QueueLimits): Promise<void>;
  /** Returns the settings of queues that are paused or limited. */
  settings(): Promise<QueueSettings[]>;
}
