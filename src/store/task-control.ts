import type { TaskSummary } from "../task/task.ts";

export interface Revoked {
  /** Waiting tasks that are REVOKED now. */
  readonly revoked: readonly TaskSummary[];
  /** Running tasks whose cancel is now written down, by id. */
  readonly cancelRequested: readonly string[];
}

/** Changes that people ask for, by id and in batches. A row that is in no fitting state is left alone. */
export interface TaskControlStore {
  /** Waiting -> REVOKED; with `terminate`, STARTED rows get `cancelRequestedAt`. */
  revoke(taskIds: readonly string[], terminate: boolean, keepMs: number): Promise<Revoked>;
  /** SCHEDULED and RETRY -> QUEUED. */
  runNow(taskIds: readonly string[]): Promise<TaskSummary[]>;
  /** QUEUED rows of a queue -> REVOKED, at most `limit`. */
  purgeQueue(queue: string, limit: number, keepMs: number): Promise<TaskSummary[]>;
}
