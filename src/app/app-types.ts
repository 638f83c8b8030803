import type { CallerEntityManager } from "../store/transactions/caller-transactions.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import type { EnqueueOptions } from "../task/call/enqueue-options.ts";

/** Where an enqueue takes place. */
export interface InTransaction {
  /**
   * An EntityManager (MikroORM 7) with an open transaction of the app's database. The tasks exist if and only if that is committed; rolled
   * back, also to a savepoint, they never were. Their ids are given out at once; the rest of a handle needs the commit.
   */
  readonly em?: CallerEntityManager;
}

/** What a broadcast says of its tasks. */
export interface BroadcastOptions extends Omit<
  EnqueueOptions,
  "queue" | "worker" | "uniqueKey" | "idempotencyKey"
> {
  /** Names of the workers. @default all that live and know the definition */
  readonly workers?: readonly string[];
}

/** What runs, for a banner. */
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
  /** Whether it turns schedules into tasks. */
  readonly beat: boolean;
  readonly definitions: readonly AnyTaskDefinition[];
  /** Where the server answers; null while it does not. */
  readonly url: string | null;
}
