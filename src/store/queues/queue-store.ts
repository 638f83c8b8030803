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
  /** How many of its tasks may run at once; null for no limit. */
  readonly concurrencyLimit: number | null;
  /** How often its tasks may start, such as `"100/s"`; null for no limit. */
  readonly rateLimit: string | null;
  /** Age of the oldest QUEUED row, in milliseconds; 0 when none waits. */
  readonly latencyMs: number;
}

/** What was set of a queue. */
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
  /** Queues that hold unfinished rows, are paused or limited, or are named in `known`; sorted by name. */
  list(known: readonly string[]): Promise<QueueRecord[]>;
  /** Paused queues hand out no tasks; enqueueing goes on. */
  setPaused(name: string, paused: boolean): Promise<void>;
  /** From the commit on no claim exceeds them; what runs goes on. */
  setLimits(name: string, limits: QueueLimits): Promise<void>;
  /** What is set of queues that are paused or limited. */
  settings(): Promise<QueueSettings[]>;
}
