import type { MikroORM } from "@mikro-orm/postgresql";
import { CompiledQuery, type Kysely, type Transaction } from "kysely";
import { UnavailableError } from "../errors.ts";

/** Runs one plain statement. The hot path speaks SQL itself; this is the ORM's own connection, with real parameters. */
export interface Sql {
  /** @throws UnavailableError when the database does not answer; other errors as the database gave them */
  run<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
}

/** Serialisation failure and deadlock: the statement did nothing and may be sent again. */
const CONFLICTS = new Set(["40001", "40P01"]);
const MAX_CONFLICT_RETRIES = 5;
/**
 * The database can do nothing for now, whatever the statement: shutting down, crashed or starting up; a statement or a lock that took
 * too long; no disk, memory or connections (class 53); a failing disk (58); a standby that takes no writes; the connection exceptions (08).
 */
const AWAY = /^(57P0[1-5]|57014|55P03|53\w{3}|58\w{3}|25006|08\w{3})$/;
const SOCKET_ERRORS = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ECONNABORTED",
]);
const SOCKET_TEXTS =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|connection error|not queryable|client was closed/i;

export function openSql(orm: MikroORM): Sql {
  return wrap(orm.em.getConnection().getClient());
}

/** Whether an error says that the database is away, as against refusing the statement. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && (AWAY.test(code) || SOCKET_ERRORS.has(code))) return true;
  return SOCKET_TEXTS.test(error.message) || (error.cause !== undefined && isAway(error.cause));
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
      if (isAway(error)) throw new UnavailableError("database", { cause: error });
      const code = (error as { code?: unknown }).code;
      if (typeof code !== "string" || !CONFLICTS.has(code)) throw error;
      if (tries > MAX_CONFLICT_RETRIES) throw new UnavailableError("database", { cause: error });
    }
  }
}
