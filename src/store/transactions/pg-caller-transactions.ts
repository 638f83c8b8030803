import { type MikroORM, TransactionContext } from "@mikro-orm/postgresql";
import type { ControlledTransaction } from "kysely";
import { escapeLiteral } from "pg";
import { partsOf } from "../../lib/async/in-parts.ts";
import { databaseFailure, sqlStateOf } from "../connection/failures.ts";
import { hasEnded, type Sql } from "../connection/sql.ts";
import { insertWithin, isRefusal } from "../tasks/pg-insert.ts";
import type { Inserted, NewTask } from "../tasks/task-store.ts";
import { type AnyTransaction, isMikroOrm, type RunStatement, runStatementOf } from "./run-statement.ts";
import type { CallerTransactions } from "./transactions.ts";

/** The beginning of a transaction: the same for all its statements, and for no others. */
const STARTED_AT = "extract(epoch from now())::text";
/**
 * Identifies a database, also among those of one name on two servers, and shows whether Lovage's
 * tables exist. `isOpen`: a statement within a transaction is later than its beginning. One that is
 * alone may be later too, if the library prepares it first: then `startedAt` differs from that of the
 * next statement.
 */
const ORIGIN = `
  select current_database() || ' ' || extract(epoch from pg_postmaster_start_time()) as database,
         to_regclass('lovage.task') is not null as migrated, statement_timestamp() > now() as "isOpen", ${STARTED_AT} as "startedAt"`;
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
    const run = runStatementOf(transaction);
    const isOurs = isMikroOrm(transaction) && transaction.getDriver() === this.orm.em.getDriver();
    const sql = sqlOf(run, isOurs ? null : await this.#check(sqlOf(run, null)));
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

  /**
   * Returns the beginning of the transaction. A task in another database would never run, and one
   * without a transaction would be committed.
   */
  async #check(sql: Sql): Promise<string> {
    const [theirs] = await sql.run<Origin>(ORIGIN);
    if (!theirs?.migrated || theirs.database !== (await this.#ownDatabase()))
      throw new TypeError(
        "transaction: it is of another database than the app's, so it cannot hold the app's tasks. Connect both to the same database, or use app.em().",
      );
    if (!theirs.isOpen) throw notOpen();
    return theirs.startedAt;
  }

  /** A restart of the server changes it, and all connections. */
  async #ownDatabase(): Promise<string> {
    return (await this.sql.run<Origin>(ORIGIN))[0]!.database;
  }
}

interface Origin {
  readonly database: string;
  readonly migrated: boolean;
  readonly isOpen: boolean;
  readonly startedAt: string;
}

function notOpen(): TypeError {
  return new TypeError(
    "transaction: no transaction is open on this connection. Begin one first; a pool or a client outside a transaction cannot be used.",
  );
}

/** In the message of the error by which PostgreSQL undoes a statement outside the transaction. */
const OUTSIDE = "lovage: outside the transaction";

/** Libraries wrap errors, and some put the statement into the message: there no number follows. */
function isOutside(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /lovage: outside the transaction \d/.test(error.message) || isOutside(error.cause);
}

/**
 * Runs our statements by a caller's library. Each has only strings as parameters, and returns its
 * rows as JSON in one column of strings: libraries convert types and names in many ways.
 *
 * @param startedAt the beginning of the transaction: a statement outside it fails and changes nothing.
 *   Null runs statements anywhere.
 */
function sqlOf(run: RunStatement, startedAt: string | null): Sql {
  const rows = "coalesce(json_agg(answer), '[]')::text";
  // No number: the statement fails when it has this value to return, and never while it is planned.
  const failure = `('${OUTSIDE} ' || ${STARTED_AT})::int::text`;
  const answer =
    startedAt === null
      ? rows
      : `case when ${STARTED_AT} = ${escapeLiteral(startedAt)} then ${rows} else ${failure} end`;
  return {
    run: async <Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
      const statement = `with answer as (${text.replace(/\$(\d+)::/g, "$$$1::text::")}
        ) select ${answer} as answer from answer`;
      try {
        return readAnswer(await run(statement, parameters.map(String))) as Row[];
      } catch (error) {
        throw isOutside(error) ? notOpen() : (refusedBy(error) ?? databaseFailure(error));
      }
    },
    transaction: () => Promise.reject(new Error("The caller's transaction is open already.")),
  };
}

/**
 * Errors that stay as long as the transaction and its role do. On the app's own connections an
 * administrator can repair them, so there they count as an outage.
 */
const LASTING: Readonly<Record<string, string>> = {
  "25006": "Begin a transaction that may write.",
  "25P02": "Roll it back, or back to a savepoint, before you enqueue.",
  "42501": "Grant the role the rights that docs/transactions.md lists.",
};

function refusedBy(error: unknown): Error | null {
  if (!(error instanceof Error)) return null;
  const code = sqlStateOf(error);
  const remedy = code === null ? undefined : LASTING[code];
  if (remedy === undefined) return refusedBy(error.cause);
  return new Error(`transaction: PostgreSQL refused the enqueue: ${error.message} (${code}). ${remedy}`, {
    cause: error,
  });
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
