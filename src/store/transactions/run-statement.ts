import { CompiledQuery } from "kysely";
import { escapeLiteral } from "pg";
import { hasEnded } from "../connection/sql.ts";

/**
 * Runs one SQL statement in an open transaction, and returns its rows, or an object that has them as
 * `rows`. The statement has the parameters `$1`, `$2`, …, which are all strings.
 */
export type RunStatement = (sql: string, parameters: string[]) => PromiseLike<unknown>;

/**
 * An open transaction of the app's database: that of a client of `pg`, of Drizzle, Kysely, Knex,
 * Prisma, TypeORM or MikroORM 7; or a function that runs a statement in it, for any other library.
 */
export type AnyTransaction =
  | RunStatement
  | Queryable
  | DrizzleTransaction
  | KyselyTransaction
  | KnexTransaction
  | PrismaTransaction
  | MikroOrmManager;

// The members that are needed. Objects of any copy and version of a library that has them will do.

/** A client of `pg`; an EntityManager or a QueryRunner of TypeORM. */
interface Queryable {
  query(sql: string, parameters: string[]): Promise<unknown>;
}
interface DrizzleTransaction {
  execute(sql: string): PromiseLike<unknown>;
  rollback(): never;
}
interface KyselyTransaction {
  readonly isTransaction: true;
  readonly isCommitted?: boolean;
  readonly isRolledBack?: boolean;
  executeQuery(query: CompiledQuery): Promise<unknown>;
  withoutPlugins?(): KyselyTransaction;
}
interface KnexTransaction {
  raw(sql: string, bindings: readonly string[]): PromiseLike<unknown>;
  isCompleted(): boolean;
}
interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...parameters: string[]): PromiseLike<unknown>;
}
interface MikroOrmManager {
  getTransactionContext(): unknown;
  getDriver(): object;
}

const REMEDY =
  "Call from within the library's transaction, and pass what it hands to your function; or pass a function (sql, parameters) => rows that runs a statement in your transaction.";

/**
 * Libraries by the shape of their transactions, in the order in which they are looked for: Knex has
 * functions with members, and several have `query`.
 *
 * A shape that fits by chance does no harm: before an enqueue, `PgCallerTransactions` checks by SQL
 * that statements arrive in an open transaction of the app's database.
 */
const LIBRARIES: readonly ((found: object) => RunStatement | null)[] = [
  (found) => (isMikroOrm(found) ? viaKysely(openTransactionOf(found)) : null),
  (found) =>
    has<KnexTransaction>(found, "raw")
      ? (sql, parameters) => found.raw(...withQuestionMarks(sql, parameters))
      : null,
  (found) =>
    has<PrismaTransaction>(found, "$queryRawUnsafe")
      ? (sql, parameters) => found.$queryRawUnsafe(sql, ...parameters)
      : null,
  (found) => (isKysely(found) ? viaKysely(found) : null),
  (found) =>
    has<DrizzleTransaction>(found, "execute", "rollback")
      ? (sql, parameters) => found.execute(withLiterals(sql, parameters))
      : null,
  (found) => (has<Queryable>(found, "query") ? (sql, parameters) => found.query(sql, parameters) : null),
  (found) => (typeof found === "function" ? (found as RunStatement) : null),
];

/** @throws TypeError with the remedy, for anything but an open transaction */
export function runStatementOf(transaction: AnyTransaction): RunStatement {
  const found: unknown = transaction;
  if ((typeof found === "object" && found !== null) || typeof found === "function")
    for (const library of LIBRARIES) {
      const run = library(found);
      if (run) return run;
    }
  throw new TypeError(
    `transaction: expected an open transaction of pg, Drizzle, Kysely, Knex, Prisma, TypeORM or MikroORM 7. ${REMEDY}`,
  );
}

export function isMikroOrm(transaction: object): transaction is MikroOrmManager {
  return has<MikroOrmManager>(transaction, "getTransactionContext", "getDriver");
}

function isKysely(found: object): found is KyselyTransaction {
  return has<KyselyTransaction>(found, "executeQuery") && found.isTransaction;
}

function has<Shape extends object>(found: object, ...methods: readonly (keyof Shape)[]): found is Shape {
  return methods.every((method) => typeof (found as Partial<Shape>)[method] === "function");
}

/** @throws TypeError for an EntityManager without an open transaction */
function openTransactionOf(em: MikroOrmManager): KyselyTransaction {
  const transaction = em.getTransactionContext() as object | undefined;
  if (!transaction) throw new TypeError(`transaction: this em has no open transaction. ${EM_REMEDY}`);
  if (!isKysely(transaction))
    throw new TypeError(`transaction: this em is not one of MikroORM 7 for PostgreSQL. ${EM_REMEDY}`);
  return transaction;
}

const EM_REMEDY =
  "Call from within `await em.transactional(async (em) => { … })` and pass its em, or between `await em.begin()` and `await em.commit()`.";

/** @throws TypeError for a transaction that has ended */
function viaKysely(transaction: KyselyTransaction): RunStatement {
  if (hasEnded(transaction)) throw new TypeError(`transaction: it has ended. ${REMEDY}`);
  // Plugins of the code that opened it could change our names.
  const plain: KyselyTransaction = transaction.withoutPlugins?.() ?? transaction;
  return (sql, parameters) => plain.executeQuery(CompiledQuery.raw(sql, parameters));
}

/** Knex has positional parameters only. Our statements hold no other question marks. */
function withQuestionMarks(sql: string, parameters: readonly string[]): [string, string[]] {
  const bindings: string[] = [];
  const text = sql.replace(/\$(\d+)/g, (_, number: string) => {
    bindings.push(parameters[Number(number) - 1]!);
    return "?";
  });
  return [text, bindings];
}

/** Drizzle takes parameters only in a query object of the same package, so they become literals here. */
function withLiterals(sql: string, parameters: readonly string[]): string {
  return sql.replace(/\$(\d+)/g, (_, number: string) => escapeLiteral(parameters[Number(number) - 1]!));
}
