import type { Revocation, TaskSummary } from "../../task/records/task.ts";

export interface Revoked {
  /** Waiting tasks that are REVOKED now. */
  readonly revoked: readonly TaskSummary[];
  /** Running tasks whose cancel is now written down, by id. */
  readonly cancelRequested: readonly string[];
}

/** Changes that people ask for, by id and in batches. A row that is in no fitting state is left alone. */
export interface TaskControlStore {
  /** Waiting -> REVOKED; with `terminate`, STARTED rows get `cancelRequestedAt`. Of several who cancel a running task the first is kept. */
  revoke(
    taskIds: readonly string[],
    terminate: boolean,
    keepMs: number,
    revocation?: Revocation | null,
  ): Promise<Revoked>;
  /** Deletes those that are in a final state; returns their ids. */
  deleteFinished(taskIds: readonly string[]): Promise<string[]>;
  /** SCHEDULED and RETRY -> QUEUED. */
  runNow(taskIds: readonly string[]): Promise<TaskSummary[]>;
  /** QUEUED rows of a queue -> REVOKED, at most `limit`. */
  purgeQueue(queue: string, limit: number, keepMs: number): Promise<TaskSummary[]>;
}
