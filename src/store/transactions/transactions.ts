import type { EntityManager } from "../../task/definition/context.ts";
import type { ClaimedTask, Finished, Inserted, NewTask, Outcome } from "../tasks/task-store.ts";
import type { AnyTransaction } from "./run-statement.ts";

/** Transactions of callers. */
export interface CallerTransactions {
  /**
   * Checks a caller's transaction, and returns how to insert in it: all of the rows or none. They
   * are durable and visible to others when the caller commits. Then the dispatcher announces them.
   *
   * @throws TypeError that names the remedy, for anything but an open transaction of the app's
   *   database
   * @throws UnavailableError when the database does not answer
   */
  of(
    transaction: AnyTransaction,
  ): Promise<{ readonly insert: (rows: readonly NewTask[]) => Promise<Inserted[]> }>;
  /**
   * Returns whether the running code was called from within an open transaction of the app's own
   * database.
   */
  inside(): boolean;
}

/** An open transaction for the writes of a task's own code. */
export interface TaskTransaction {
  readonly em: EntityManager;
  /** Returns whether the task still belongs to its worker, by its row. Locks nothing. */
  holds(task: ClaimedTask): Promise<boolean>;
  /**
   * Flushes `em`, then runs the finish statement in the transaction, which locks the task's row
   * from here on.
   */
  finish(outcome: Outcome): Promise<Finished>;
}

export interface TaskTransactions {
  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it throws. A failed
   * commit may have done either.
   *
   * @throws UnavailableError when the database does not answer; else the error of `work`
   */
  run(work: (transaction: TaskTransaction) => Promise<void>): Promise<void>;
}
