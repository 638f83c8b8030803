import { EventType, type MikroORM, TransactionContext } from "@mikro-orm/postgresql";
import type { ControlledTransaction, Kysely } from "kysely";
import type { EntityManager } from "../../task/definition/context.ts";
import { hasEnded, type Sql, sqlWithin } from "../connection/sql.ts";
import { finishTasks } from "../tasks/pg-finish.ts";
import { databaseFailure } from "../connection/failures.ts";
import type { TaskTransaction, TaskTransactions } from "./transactions.ts";

const HOLDS = `
  select 1 from lovage.task
   where id = $1 and version = $2 and worker_id = $3 and state || '' = 'STARTED'`;

/**
 * Maximum number of the app's connections in use: heartbeats, claims and outcomes need the others.
 */
const AT_ONCE = 5;

/** Transactions on connections of the app, a few at once; later ones wait. */
export class PgTaskTransactions implements TaskTransactions {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly orm: MikroORM) {}

  async run(work: (transaction: TaskTransaction) => Promise<void>): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      await this.#run(work);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #run(work: (transaction: TaskTransaction) => Promise<void>): Promise<void> {
    const client: Kysely<unknown> = this.orm.em.getConnection().getClient();
    let refused = false;
    try {
      const transaction = await client.startTransaction().execute();
      try {
        const em = this.#managerOf(transaction);
        // failpoint: transaction.started
        await TransactionContext.create(em, () => work(open(em, sqlWithin(transaction)))).catch(
          (error: unknown) => {
            refused = true;
            throw error;
          },
        );
        // failpoint: transaction.finished
        await transaction.commit().execute();
        // failpoint: transaction.committed
        await em.getEventManager().dispatchEvent(EventType.afterTransactionCommit, { em, transaction });
      } catch (error) {
        await rollBack(transaction);
        throw error;
      }
    } catch (error) {
      // An error of `work` is passed on unchanged, also if it looks like an outage.
      throw refused ? error : databaseFailure(error);
    }
  }

  #managerOf(transaction: ControlledTransaction<unknown>): EntityManager {
    const em = this.orm.em.fork({ cloneEventManager: true });
    em.setTransactionContext(transaction);
    return em;
  }
}

/** Also runs after a failed commit: only then does Kysely return the connection. */
async function rollBack(transaction: ControlledTransaction<unknown>): Promise<void> {
  if (hasEnded(transaction)) return;
  await transaction
    .rollback()
    .execute()
    .catch(() => undefined); // The connection is broken, and PostgreSQL rolls back by itself.
}

function open(em: EntityManager, sql: Sql): TaskTransaction {
  return {
    em,
    holds: async ({ summary: { id, version, workerId } }) =>
      (await sql.run(HOLDS, [id, version, workerId])).length > 0,
    finish: async (outcome) => {
      await em.flush();
      return (await finishTasks(sql, [outcome]))[0] ?? null;
    },
  };
}
