import type { EntityManager } from "../../task/definition/context.ts";
import type { ClaimedTask, Finished, Outcome } from "../tasks/task-store.ts";

/** An open transaction, in which a task's own code writes. */
export interface TaskTransaction {
  readonly em: EntityManager;
  /** Whether the task is still ours, by its row. Locks nothing. */
  holds(task: ClaimedTask): Promise<boolean>;
  /** The finish statement as a part of the transaction, after what `em` has not written yet. From here on it holds the task's row. */
  finish(outcome: Outcome): Promise<Finished>;
}

export interface TaskTransactions {
  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when `work` throws. When the commit fails, either may have happened.
   *
   * @throws UnavailableError when the database does not answer; else what `work` throws
   */
  run(work: (transaction: TaskTransaction) => Promise<void>): Promise<void>;
}
