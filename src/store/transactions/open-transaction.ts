import type { ControlledTransaction } from "kysely";
import { databaseFailure } from "../connection/pg-failure.ts";
import { type Sql, wrap } from "../connection/sql.ts";

/** Statements of ours in an open transaction, whose plugins are for the statements of whoever opened it. */
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

export function hasEnded({
  isCommitted,
  isRolledBack,
}: Pick<Partial<ControlledTransaction<unknown>>, "isCommitted" | "isRolledBack">): boolean {
  return isCommitted === true || isRolledBack === true;
}
