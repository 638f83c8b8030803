import { show } from "../lib/quote.ts";
import { type AnyTaskDefinition, isTaskDefinition } from "../task/definition/definition.ts";
import type { AnyTransaction } from "../store/transactions/run-statement.ts";
import type { EnqueueOptions } from "../task/call/enqueue-options.ts";

/** The transaction of an enqueue. */
export interface InTransaction {
  /**
   * An open transaction of the app's database: that of a client of `pg`, of Drizzle, Kysely, Knex,
   * Prisma, TypeORM or MikroORM 7; or a function `(sql, parameters) => rows` that runs a statement
   * in it. The tasks exist if and only if the transaction commits; a rollback, also to a savepoint,
   * removes them. The id of a handle is known at once; its other methods need the commit.
   */
  readonly transaction?: AnyTransaction;
}

/** Options of the tasks of a broadcast. */
export interface BroadcastOptions extends Omit<
  EnqueueOptions,
  "queue" | "worker" | "uniqueKey" | "idempotencyKey"
> {
  /** Names of the workers. @default all live workers that know the definition */
  readonly workers?: readonly string[];
}

/** The parts of a running app, for a banner. */
export interface AppDescription {
  readonly version: string;
  /** `"redis"` or `"memory"`. */
  readonly broker: string;
  /** `"postgresql"` or `"embedded"`. */
  readonly database: string;
  readonly worker: {
    readonly name: string;
    readonly concurrency: number;
    readonly queues: readonly string[];
  } | null;
  /** Whether it runs the beat, which turns schedules into tasks. */
  readonly beat: boolean;
  readonly definitions: readonly AnyTaskDefinition[];
  /** URL of the server; null while it does not run. */
  readonly url: string | null;
}

/**
 * Checks for callers without a compiler.
 *
 * @throws TypeError
 */
export function checkDefinition(definition: unknown): void {
  if (isTaskDefinition(definition)) return;
  throw new TypeError(
    `definition: expected what defineTask returns, not a name or a promise, got ${show(definition)}.`,
  );
}

export function checkItems(items: unknown): void {
  if (!Array.isArray(items))
    throw new TypeError(`items: expected an array of { input, options }, got ${show(items)}.`);
  for (const [index, item] of items.entries())
    if (typeof item !== "object" || item === null)
      throw new TypeError(`items.${index}: expected { input, options }, got ${show(item)}.`);
}

export function checkWorkerNames(names: unknown): void {
  if (names === null || (Array.isArray(names) && names.every((name) => typeof name === "string"))) return;
  throw new TypeError(
    `workers: expected an array of names, got ${show(names)}. Leave it out for all workers.`,
  );
}
