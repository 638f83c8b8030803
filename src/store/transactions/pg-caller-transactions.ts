import { type MikroORM, TransactionContext } from "@mikro-orm/postgresql";
import type { ControlledTransaction } from "kysely";
import type { CallerEntityManager, CallerTransaction, CallerTransactions } from "./transactions.ts";
import { hasEnded, type Sql, sqlWithin } from "../connection/sql.ts";
import { partsOf } from "../../lib/async/in-parts.ts";
import { insertWithin, isRefusal } from "../tasks/pg-insert.ts";
import type { Inserted, NewTask } from "../tasks/task-store.ts";

/**
 * Identifies a database, also among those of one name on two servers, and shows whether Lovage's
 * tables exist.
 */
const PLACE = `
  select current_database() || ' ' || extract(epoch from pg_postmaster_start_time()) as place,
         to_regclass('lovage.task') is not null as migrated`;
const UNDO = `delete from lovage.task where id = any($1::uuid[])`;
const COMMITTED = `select id from lovage.task where id = any($1::uuid[])`;

/** Maximum number of ids of one statement. */
const MAX_IDS = 10_000;

type Ended = "committed" | "rolledBack";
/** The part of a transaction's event that is read. */
interface TransactionEvent {
  readonly transaction?: object;
}

/** Transactions of callers, on their own connections or on those of the app. */
export class PgCallerTransactions implements CallerTransactions {
  readonly #listeners = new WeakMap<object, ((how: Ended) => void)[]>();
  /**
   * By driver, of which every ORM has one: the check that it is connected to the app's own
   * database.
   */
  readonly #checks = new WeakMap<object, Promise<void>>();
  /** One for all: an event manager keeps a subscriber once, however often it is registered. */
  readonly #subscriber = {
    afterTransactionCommit: ({ transaction }: TransactionEvent): void => this.#end(transaction, "committed"),
    afterTransactionRollback: ({ transaction }: TransactionEvent): void =>
      this.#end(transaction, "rolledBack"),
  };

  constructor(
    private readonly orm: MikroORM,
    private readonly sql: Sql,
    /** Throws when the database has no room for more tasks. */
    private readonly checkRoom: () => void = () => undefined,
  ) {}

  async of(em: CallerEntityManager): Promise<CallerTransaction> {
    const transaction = readTransaction(em);
    const sql = sqlWithin(transaction);
    await this.#check(em.getDriver(), sql);
    em.getContext(false).getEventManager().registerSubscriber(this.#subscriber);
    return {
      insert: async (rows) => {
        this.checkRoom();
        return insertOrUndo(sql, rows);
      },
      onEnd: (listener) => {
        const listeners = this.#listeners.get(transaction);
        if (listeners) listeners.push(listener);
        else this.#listeners.set(transaction, [listener]);
      },
    };
  }

  inside(): boolean {
    const em = TransactionContext.currentTransactionContext()?.em;
    if (!em || em.getDriver() !== this.orm.em.getDriver()) return false;
    const transaction = em.getTransactionContext<ControlledTransaction<unknown>>();
    return transaction !== undefined && !hasEnded(transaction);
  }

  async committed(taskIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const ids of partsOf(taskIds, MAX_IDS))
      for (const { id } of await this.sql.run<{ id: string }>(COMMITTED, [ids])) found.push(id);
    return found;
  }

  #end(transaction: object | undefined, how: Ended): void {
    if (!transaction) return;
    for (const listener of this.#listeners.get(transaction) ?? []) listener(how);
    this.#listeners.delete(transaction);
  }

  /** Runs once for each ORM: a task in another database would never run. */
  async #check(driver: object, sql: Sql): Promise<void> {
    if (driver === this.orm.em.getDriver()) return;
    const check = this.#checks.get(driver) ?? this.#compare(sql);
    this.#checks.set(driver, check);
    try {
      await check;
    } catch (error) {
      this.#checks.delete(driver);
      throw error;
    }
  }

  async #compare(sql: Sql): Promise<void> {
    type Row = { readonly place: string; readonly migrated: boolean };
    const [[theirs], [ours]] = await Promise.all([sql.run<Row>(PLACE), this.sql.run<Row>(PLACE)]);
    if (theirs?.migrated && theirs.place === ours?.place) return;
    throw new TypeError(
      "em belongs to another database than the app: its transaction cannot hold the app's tasks. Connect both to the same database, or take the app's own em: app.em().",
    );
  }
}

/** @throws TypeError for a value that is not an EntityManager with an open transaction */
function readTransaction(em: CallerEntityManager): ControlledTransaction<unknown> {
  if (typeof em?.getTransactionContext !== "function" || typeof em.getContext !== "function")
    throw new TypeError(`em must be an EntityManager of MikroORM 7. ${REMEDY}`);
  const transaction = em.getTransactionContext() as Partial<ControlledTransaction<unknown>> | undefined;
  if (!transaction) throw new TypeError(`em has no open transaction. ${REMEDY}`);
  if (typeof transaction.executeQuery !== "function" || typeof transaction.withoutPlugins !== "function")
    throw new TypeError(`em's transaction is not one of MikroORM 7 for PostgreSQL. ${REMEDY}`);
  if (hasEnded(transaction)) throw new TypeError(`em's transaction has ended. ${REMEDY}`);
  return transaction as ControlledTransaction<unknown>;
}

const REMEDY =
  "Call from within `await em.transactional(async (em) => { … })` and pass its em, or between `await em.begin()` and `await em.commit()`.";

/**
 * Inserts all or none, without a savepoint: its rollback would undo concurrent statements of the
 * caller.
 */
async function insertOrUndo(sql: Sql, rows: readonly NewTask[]): Promise<Inserted[]> {
  const answers = await insertWithin(sql, rows, "each");
  if (answers.some(isRefusal)) {
    const created = answers.flatMap((answer) => (answer.kind === "created" ? answer.task.id : []));
    for (const ids of partsOf(created, MAX_IDS)) await sql.run(UNDO, [ids]);
  }
  return answers;
}
