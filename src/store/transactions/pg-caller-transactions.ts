import { type MikroORM, TransactionContext } from "@mikro-orm/postgresql";
import type { ControlledTransaction } from "kysely";
import { partsOf } from "../../lib/async/in-parts.ts";
import { databaseFailure } from "../connection/failures.ts";
import { hasEnded, type Sql } from "../connection/sql.ts";
import { insertWithin, isRefusal } from "../tasks/pg-insert.ts";
import type { Inserted, NewTask } from "../tasks/task-store.ts";
import { type AnyTransaction, isMikroOrm, type RunStatement, runStatementOf } from "./run-statement.ts";
import type { CallerTransactions } from "./transactions.ts";

/**
 * Identifies a database, also among those of one name on two servers, and shows whether Lovage's
 * tables exist. `isOpen`: only a statement within a transaction is later than its beginning.
 */
const PLACE = `
  select current_database() || ' ' || extract(epoch from pg_postmaster_start_time()) as place,
         to_regclass('lovage.task') is not null as migrated, statement_timestamp() > now() as "isOpen"`;
const UNDO = `
  delete from lovage.task where id in (select value::uuid from json_array_elements_text($1::json)) returning id`;

/** Maximum number of ids of one statement. */
const MAX_IDS = 10_000;

/** Transactions of callers, on their own connections or on those of the app. */
export class PgCallerTransactions implements CallerTransactions {
  constructor(
    private readonly orm: MikroORM,
    private readonly sql: Sql,
    /** Throws when the database has no room for more tasks. */
    private readonly checkRoom: () => void = () => undefined,
  ) {}

  async of(transaction: AnyTransaction) {
    const sql = sqlOf(runStatementOf(transaction));
    const isOurs = isMikroOrm(transaction) && transaction.getDriver() === this.orm.em.getDriver();
    if (!isOurs) await this.#check(sql);
    return {
      insert: async (rows: readonly NewTask[]) => {
        this.checkRoom();
        return insertOrUndo(sql, rows);
      },
    };
  }

  inside(): boolean {
    const em = TransactionContext.currentTransactionContext()?.em;
    if (!em || em.getDriver() !== this.orm.em.getDriver()) return false;
    const transaction = em.getTransactionContext<ControlledTransaction<unknown>>();
    return transaction !== undefined && !hasEnded(transaction);
  }

  /** A task in another database would never run, and one without a transaction would be committed. */
  async #check(sql: Sql): Promise<void> {
    const [theirs] = await sql.run<Place>(PLACE);
    if (!theirs?.migrated || theirs.place !== (await this.#ownPlace()))
      throw new TypeError(
        "transaction: it is of another database than the app's, so it cannot hold the app's tasks. Connect both to the same database, or use app.em().",
      );
    if (!theirs.isOpen)
      throw new TypeError(
        "transaction: no transaction is open on this connection. Begin one first; a pool or a client outside a transaction cannot be used.",
      );
  }

  /** A restart of the server changes it, and all connections. */
  async #ownPlace(): Promise<string> {
    return (await this.sql.run<Place>(PLACE))[0]!.place;
  }
}

interface Place {
  readonly place: string;
  readonly migrated: boolean;
  readonly isOpen: boolean;
}

/**
 * Runs our statements by a caller's library. Each has only strings as parameters, and returns its
 * rows as JSON in one column of strings: libraries convert types and names in many ways.
 */
function sqlOf(run: RunStatement): Sql {
  return {
    run: async <Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
      const statement = `with answer as (${text.replace(/\$(\d+)::/g, "$$$1::text::")}
        ) select coalesce(json_agg(answer), '[]')::text as answer from answer`;
      try {
        return readAnswer(await run(statement, parameters.map(String))) as Row[];
      } catch (error) {
        throw databaseFailure(error);
      }
    },
    transaction: () => Promise.reject(new Error("The caller's transaction is open already.")),
  };
}

/** @throws TypeError for a function of the caller that returns something else */
function readAnswer(result: unknown): unknown[] {
  const rows: unknown = Array.isArray(result) ? result : (result as { readonly rows?: unknown } | null)?.rows;
  const answer: unknown = Array.isArray(rows)
    ? (rows as { readonly answer?: unknown }[])[0]?.answer
    : undefined;
  if (typeof answer === "string") return JSON.parse(answer) as unknown[];
  throw new TypeError("transaction: the function must return the rows of the statement, or { rows }.");
}

/**
 * Inserts all or none, without a savepoint: its rollback would undo concurrent statements of the
 * caller.
 */
async function insertOrUndo(sql: Sql, rows: readonly NewTask[]): Promise<Inserted[]> {
  const answers = await insertWithin(sql, rows, "each");
  if (answers.some(isRefusal)) {
    const created = answers.flatMap((answer) => (answer.kind === "created" ? answer.task.id : []));
    for (const ids of partsOf(created, MAX_IDS)) await sql.run(UNDO, [JSON.stringify(ids)]);
  }
  return answers;
}
