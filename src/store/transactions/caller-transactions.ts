import type { Inserted, NewTask } from "../tasks/task-store.ts";

/**
 * What is needed of a caller's EntityManager: one of MikroORM 7 for PostgreSQL has it, also one of another copy of that package than
 * ours.
 */
export interface CallerEntityManager {
  getContext(validate?: boolean): CallerEntityManager;
  getDriver(): object;
  getTransactionContext(): unknown;
  getEventManager(): { registerSubscriber(subscriber: object): void };
}

/** A transaction that a caller has opened and that only the caller ends. */
export interface CallerTransaction {
  /** Inserts all of the rows or none. Durable, and seen by others, when the caller commits. */
  insert(rows: readonly NewTask[]): Promise<Inserted[]>;
  /** Calls when the transaction, or its part since a savepoint, has ended. Not every way to end one can be heard of. */
  onEnd(listener: (how: "committed" | "rolledBack") => void): void;
}

/** Transactions that callers bring along. */
export interface CallerTransactions {
  /** @throws TypeError that names the remedy, for an EntityManager that has no open transaction of this database */
  of(em: CallerEntityManager): Promise<CallerTransaction>;
  /** Whether the code that runs now was called from within an open transaction of the app's own database. */
  inside(): boolean;
  /** Of these tasks, those that are committed. @throws UnavailableError */
  committed(taskIds: readonly string[]): Promise<string[]>;
}
