import type { MikroORM } from "@mikro-orm/postgresql";
import { CompiledQuery, type Kysely, type Transaction } from "kysely";
import { databaseFailure, isConflict } from "./pg-failure.ts";
import { databaseUnavailable } from "./unavailable.ts";

/** Runs one plain statement. The hot path speaks SQL itself; this is the ORM's own connection, with real parameters. */
export interface Sql {
  /** @throws UnavailableError when the same may succeed later; other errors as the database sent them */
  run<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
}

const MAX_CONFLICT_RETRIES = 5;

/** Statements on the ORM's connections for writes, or on those for the reads of callers. */
export function openSql(orm: MikroORM, kind: "read" | "write"): Sql {
  return wrap(orm.em.getConnection(kind).getClient());
}

export function wrap(client: Kysely<unknown> | Transaction<unknown>): Sql {
  const run = async <Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
    const result = await client.executeQuery(CompiledQuery.raw(text, [...parameters]));
    return result.rows as Row[];
  };
  return {
    run: (text, parameters) =>
      // Inside a transaction a conflict has undone all of it: only the transaction as a whole may be sent again.
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
