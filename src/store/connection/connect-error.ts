import { StartError } from "../../errors.ts";
import type { DatabaseTarget } from "./database-url.ts";
import { EngineError, isAway, remedyFor, sqlStateOf } from "./failures.ts";

/**
 * Returns the StartError for a failed connection to PostgreSQL if its user can repair it, else the
 * error.
 */
export function explainServerFailure({ label }: DatabaseTarget, error: unknown): unknown {
  const cause = rootOf(error);
  const { code } = cause as { readonly code?: unknown };
  const start = (exitCode: StartError["exitCode"], message: string): StartError =>
    new StartError(message, exitCode, { cause });
  const known = typeof code === "string" ? SERVER_PROBLEMS[code] : undefined;
  if (known) return start(known.exitCode, `PostgreSQL at ${label} ${known.text(cause.message)}`);
  if (/does not support SSL/.test(cause.message)) {
    return start(
      78,
      `PostgreSQL at ${label} offers no TLS, which sslmode in DATABASE_URL asks for. Turn ssl on there, or leave sslmode out.`,
    );
  }
  if (typeof code === "string" && /CERT|SIGNATURE/.test(code)) {
    return start(
      77,
      `PostgreSQL at ${label} shows a certificate that is not trusted (${code}). Name its authority with sslrootcert in DATABASE_URL.`,
    );
  }
  if (!isAway(error)) return error;
  const sqlState = sqlStateOf(cause);
  if (sqlState !== null) {
    const exitCode = sqlState === "42501" ? 77 : 69;
    return start(exitCode, `PostgreSQL at ${label} answered: ${cause.message}. ${remedyFor(sqlState)}`);
  }
  const reason =
    typeof code === "string" ? code : cause.message.replace(SILENT, "no answer, or no PostgreSQL");
  return start(69, `Cannot reach PostgreSQL at ${label} (${reason}). Start it, or change DATABASE_URL.`);
}

/** Returns the StartError of a migration that the role may not run; any other error unchanged. */
export function explainMigrationFailure(target: DatabaseTarget | null, error: unknown): unknown {
  const cause = rootOf(error);
  if (target === null || sqlStateOf(cause) !== "42501") return error;
  const { database = "<database>", user = "<role>" } = target.connection;
  const message =
    `PostgreSQL at ${target.label} denied a migration: ${cause.message} (42501). ` +
    "Run `lovage migrate` as the owner of the database and its tables, or grant the missing right: " +
    `GRANT CREATE ON DATABASE "${database}" TO "${user}"; GRANT CREATE ON SCHEMA lovage TO "${user}";`;
  return new StartError(message, 77, { cause });
}

/**
 * @throws StartError for a database with another encoding than UTF-8: it refuses most characters
 *   (LATIN1), or accepts invalid bytes (SQL_ASCII), and would do so after a task has run
 */
export function checkEncoding(target: DatabaseTarget | null, encoding: string): void {
  if (encoding === "UTF8") return;
  const where = target === null ? "The embedded database" : `The database at ${target.label}`;
  throw new StartError(
    `${where} has the encoding ${encoding}, which cannot store every character: Lovage needs UTF8. ` +
      "Create another, and name it in DATABASE_URL: CREATE DATABASE name ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;",
    78,
  );
}

/** Returns the StartError for an embedded database that cannot be opened, else the error. */
export function explainEmbeddedFailure(folder: string | null, error: unknown): unknown {
  const cause = rootOf(error);
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== undefined && FOLDER_ERRORS.has(code)) {
    const message = `The embedded database cannot use the folder ${folder} (${code}). Name another with LOVAGE_EMBEDDED_DIR, or make this one a folder that may be written to.`;
    return new StartError(message, 78, { cause });
  }
  if (folder === null || !(error instanceof EngineError)) return error;
  const reason = error.reason === null ? "" : ` (PostgreSQL: ${error.reason})`;
  const message = `The data in ${folder} cannot be opened${reason}: they are damaged, or of another version of PostgreSQL. Restore the folder from a copy, or name another with LOVAGE_EMBEDDED_DIR.`;
  return new StartError(message, 78, { cause: error });
}

interface ServerProblem {
  readonly exitCode: StartError["exitCode"];
  /** Returns the problem and its remedy, after "PostgreSQL at …". */
  readonly text: (message: string) => string;
}

const refused: ServerProblem = {
  exitCode: 77,
  text: (message) => `refuses the login: ${message}. Check DATABASE_URL.`,
};
/** Messages by the server's codes. */
const SERVER_PROBLEMS: Readonly<Record<string, ServerProblem>> = {
  "28P01": refused,
  "28000": refused,
  "3D000": {
    exitCode: 78,
    text: (message) => `has no such database: ${message}. Create it, or change DATABASE_URL.`,
  },
  "53300": {
    exitCode: 69,
    text: (message) =>
      `has no connection left: ${message}. Raise max_connections there, or end what holds connections.`,
  },
  // Not a code of the server: the client refuses it.
  ECHANNELBINDING: {
    exitCode: 77,
    text: (message) => `${message}. Use scram-sha-256 there, or remove channel_binding from DATABASE_URL.`,
  },
  "57P03": {
    exitCode: 69,
    text: (message) => `takes no connections now: ${message}. Try again when it has started.`,
  },
};

const FOLDER_ERRORS: ReadonlySet<string> = new Set([
  "EEXIST",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOTDIR",
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOENT",
]);

/** Message of `pg` when it stopped waiting, or when the other side closed the connection. */
const SILENT = /^Connection terminated.*$/;

function rootOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return rootOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return rootOf(error.cause);
  return error instanceof Error ? error : new Error(String(error));
}
