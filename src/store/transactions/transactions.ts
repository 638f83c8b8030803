import type { EntityManager } from "../../task/definition/context.ts";
import type { ClaimedTask, Finished, Inserted, NewTask, Outcome } from "../tasks/task-store.ts";

/**
 * The members of a caller's EntityManager that are needed. Every EntityManager of MikroORM 7 for
 * PostgreSQL has them, also one of another copy of that package.
 */
export interface CallerEntityManager {
  getContext(validate?: boolean): CallerEntityManager;
  getDriver(): object;
  getTransactionContext(): unknown;
  getEventManager(): { registerSubscriber(subscriber: object): void };
}

/** A transaction that the caller opened and ends. */
export interface CallerTransaction {
  /**
   * Inserts all of the rows or none. They are durable and visible to others when the caller
   * commits.
   */
  insert(rows: readonly NewTask[]): Promise<Inserted[]>;
  /**
   * Calls the listener when the transaction, or its part since a savepoint, has ended. Some ways to
   * end one send no event.
   */
  onEnd(listener: (how: "committed" | "rolledBack") => void): void;
}

/** Transactions of callers. */
export interface CallerTransactions {
  /**
   * @throws TypeError that names the remedy, for an EntityManager that has no open transaction of
   *   this database
   */
  of(em: CallerEntityManager): Promise<CallerTransaction>;
  /**
   * Returns whether the running code was called from within an open transaction of the app's own
   * database.
   */
  inside(): boolean;
  /** Returns the ids of these tasks that are committed. @throws UnavailableError */
  committed(taskIds: readonly string[]): Promise<string[]>;
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
