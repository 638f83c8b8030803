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
  /** Age of the oldest QUEUED row, in milliseconds; 0 when none waits. */
  readonly latencyMs: number;
}

export interface QueueStore {
  /** Queues that hold unfinished rows, are paused, or are named in `known`; sorted by name. */
  list(known: readonly string[]): Promise<QueueRecord[]>;
  /** Paused queues hand out no tasks; enqueueing goes on. */
  setPaused(name: string, paused: boolean): Promise<void>;
  paused(): Promise<string[]>;
}
