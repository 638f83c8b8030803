import type { MikroORM } from "@mikro-orm/postgresql";
import { CompiledQuery, type ControlledTransaction, type Kysely, type Transaction } from "kysely";
import { databaseFailure, databaseUnavailable, isConflict } from "./failures.ts";

/** Runs plain SQL with parameters, on the ORM's connections. The hot path writes its SQL itself. */
export interface Sql {
  /**
   * @throws UnavailableError when the same may succeed later; other errors as the database sent
   *   them
   */
  run<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
}

const MAX_CONFLICT_RETRIES = 5;

/** Runs statements on the ORM's connections for writes, or on those for reads of callers. */
export function openSql(orm: MikroORM, kind: "read" | "write"): Sql {
  return wrap(orm.em.getConnection(kind).getClient());
}

function wrap(client: Kysely<unknown> | Transaction<unknown>): Sql {
  const run = async <Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
    const result = await client.executeQuery(CompiledQuery.raw(text, [...parameters]));
    return result.rows as Row[];
  };
  return {
    run: (text, parameters) =>
      // A conflict undoes the whole transaction: only all of it may be sent again.
      client.isTransaction ? run(text, parameters) : guarded(() => run(text, parameters)),
    transaction: (work) =>
      guarded(() => client.transaction().execute((transaction) => work(wrap(transaction)))),
  };
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error)) throw databaseFailure(error);
      if (tries > MAX_CONFLICT_RETRIES) throw databaseUnavailable(error, true);
    }
  }
}

/** Runs our statements in an open transaction, without the plugins of the code that opened it. */
export function sqlWithin(transaction: ControlledTransaction<unknown>): Sql {
  const sql = wrap(transaction.withoutPlugins());
  return {
    run: async (text, parameters) => {
      try {
        return await sql.run(text, parameters);
      } catch (error) {
        throw databaseFailure(error);
      }
    },
    transaction: (work) => sql.transaction(work),
  };
}

/** Returns whether a transaction was committed or rolled back. */
export function hasEnded({
  isCommitted,
  isRolledBack,
}: Pick<Partial<ControlledTransaction<unknown>>, "isCommitted" | "isRolledBack">): boolean {
  return isCommitted === true || isRolledBack === true;
}
