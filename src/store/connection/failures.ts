import { UnavailableError, type UnavailableReason } from "../../errors.ts";

/** Every connection was in use, and none became free in time. The statement was not sent. */
export class PoolFullError extends Error {
  override readonly name = "PoolFullError";
  readonly code = "POOL_FULL";
  readonly isConnectionError = true;

  constructor(
    max: number,
    /** What the connections are for: `"for reads"`. */
    purpose: string,
    /** 0 where there was no room to wait. */
    waitedMs: number,
  ) {
    super(
      waitedMs === 0
        ? `No connection ${purpose} is free (in use: ${max} of ${max}), and too many statements wait for one already.`
        : `No connection ${purpose} became free within ${waitedMs / 1_000} s (in use: ${max} of ${max}).`,
    );
  }
}

/** The operation that the statement belongs to has ended: nobody waits for its answer. */
export class OperationEndedError extends Error {
  override readonly name = "OperationEndedError";
  readonly code = "OPERATION_ENDED";
  readonly isConnectionError = true;

  constructor(options?: ErrorOptions) {
    super("The operation has ended: its deadline passed, or its client went away.", options);
  }
}

/** PostgreSQL ended a statement, or its wait for a lock, after some time. */
export class StatementEndedError extends Error {
  override readonly name = "StatementEndedError";
  /** As in every message of the server. */
  readonly severity: string;

  constructor(
    /** SQLSTATE: 57014 or 55P03. */
    readonly code: string,
    readonly ranMs: number,
    /** The limit that it ran into; null where that is not one of ours, or nobody's. */
    readonly limitMs: number | null,
    cause: Error,
  ) {
    super(cause.message, { cause });
    this.severity = (cause as { readonly severity?: string }).severity ?? "ERROR";
  }
}

/**
 * The pool has no connection to give, or lost the connection of a statement. The server refused no
 * statement, whatever the reason and the code: it may be sent again.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** Survives the ORM, which copies the properties of errors into errors of its classes. */
  readonly isConnectionError = true;
  /** The code of the cause, if it has one: `ECONNREFUSED`, `28P01`. */
  declare readonly code?: string;

  constructor(
    cause: unknown,
    /** Whether a statement had been sent: then it may have been executed. */
    readonly sent: boolean,
  ) {
    const { message, code } = firstOf(cause);
    super(message, { cause });
    if (code !== undefined) this.code = code;
  }
}

/**
 * A host with several addresses fails with one error for each of them, in an AggregateError without
 * a message.
 */
function firstOf(cause: unknown): { readonly message: string; readonly code?: string } {
  const errors = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [];
  const error = errors[0] ?? cause;
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? { message: error.message, code } : { message: error.message };
}

/**
 * PGlite could not open its folder, or has ended since. Here rather than in `embedded/`: a process
 * that connects to a server must not load the WebAssembly build to recognise it.
 */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /**
   * The statement was not refused: it may be sent again, to the next process that opens the folder.
   */
  readonly isConnectionError = true;
  /** SQLSTATE of a crash. */
  readonly code = "57P02";

  constructor(
    /** PostgreSQL's last message, such as `could not locate a valid checkpoint record`. */
    readonly reason: string | null,
    options: ErrorOptions,
  ) {
    super(`The embedded database has ended: ${reason ?? "PostgreSQL gave no reason"}`, options);
  }
}

/** PostgreSQL's code of an error. */
const SQLSTATE = /^[0-9A-Z]{5}$/;
/**
 * The classes of SQLSTATE by which PostgreSQL refuses a statement itself: cardinality (21), data
 * (22), constraints (23, 44), size (54), triggers (P0). The same statement fails in the same way
 * whenever it is sent. All other codes concern the server, the session or the role, which can be
 * repaired: they count as an outage, and so do codes of future versions.
 */
const REFUSALS = /^(?:21|22|23|44|54|P0)/;
/**
 * Serialisation failure and deadlock: the transaction did nothing, and may be sent again at once.
 */
const CONFLICT = /^40/;

/**
 * Messages of `pg` about a connection that ended: all there is on a caller's own connections, which
 * do not come from our pools.
 */
const ENDED =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|connection error|not queryable|client was closed/i;

/**
 * Returns whether the same statement may succeed later. False for refused statements, conflicts,
 * and errors of anything but the database.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("isConnectionError" in error || error instanceof UnavailableError) return true;
  const code = sqlStateOf(error);
  if (code !== null) return !REFUSALS.test(code) && !CONFLICT.test(code);
  // Only errors of system calls have it: those of sockets and of name resolution.
  if ("syscall" in error || ENDED.test(error.message)) return true;
  return error.cause !== undefined && isAway(error.cause);
}

export function isConflict(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== null && CONFLICT.test(code);
}

/** Returns the SQLSTATE of an error that the server sent; null for any other error. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { readonly code?: unknown };
  // Codes of Node such as EPIPE, EBADF and EBUSY look the same. Only errors of a server have a
  // severity.
  return typeof code === "string" && SQLSTATE.test(code) && "severity" in error ? code : null;
}

/**
 * Returns the error for callers of the stores: UnavailableError if the same may succeed later, else
 * the error itself.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof UnavailableError || !isAway(error)) return error;
  return databaseUnavailable(error, sqlStateOf(error) !== null);
}

/** The parts of an UnavailableError that depend on what happened. */
interface Account {
  readonly reason: UnavailableReason;
  readonly message?: string;
  readonly retryAfterMs?: number;
}

/** Properties of the errors above. */
interface Facts extends Partial<Pick<StatementEndedError, "ranMs" | "limitMs">> {
  readonly code?: string;
  readonly sent?: ConnectionError["sent"];
}

/**
 * Returns the UnavailableError for an outage of the database, with its kind, its hint and its
 * cause.
 *
 * @param answered whether the error is PostgreSQL's answer to the statement
 */
export function databaseUnavailable(cause: unknown, answered: boolean): UnavailableError {
  const account = accountOf(cause) ?? { reason: answered ? "SERVER_ERROR" : "NO_ANSWER" };
  return new UnavailableError("database", { ...account, answered, cause, hint: hintOf(cause) });
}

/** The server's message, if there is one, and the remedy. */
function hintOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { readonly code?: unknown };
  // A ConnectionError or EngineError may have the server's code without a severity. Such a code has
  // a digit, and those of Node have none.
  const isServers =
    typeof code === "string" && SQLSTATE.test(code) && ("severity" in error || /\d/.test(code));
  if (!isServers) return hintOf(error.cause);
  return `PostgreSQL answered: ${error.message} (${code}). ${remedyFor(code)}`;
}

/**
 * The ORM copies the properties of an error into an error of its class. So properties decide here,
 * and classes do not.
 */
function accountOf(error: unknown): Account | null {
  if (!(error instanceof Error)) return null;
  const { code, ranMs, limitMs, sent, message } = error as Error & Facts;
  if (sent === false) return null;
  if (code === "POOL_FULL") return poolFull(message);
  if (code === "OPERATION_ENDED") return { reason: code, message: `${message} Its statement was cancelled.` };
  if (code === "57014" || code === "55P03") return statementEnded(code, ranMs, limitMs ?? null, message);
  if (isLost(code, message)) return LOST_ANSWER;
  return accountOf(error.cause);
}

/**
 * Codes of connections that were open: those of sockets, and those of PostgreSQL when it shuts down
 * or crashes.
 */
const LOST: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "57P01", "57P02"]);

function isLost(code: string | undefined, message: string): boolean {
  return (code !== undefined && LOST.has(code)) || message.startsWith("Connection terminated unexpectedly");
}

const LOST_ANSWER: Account = {
  reason: "CONNECTION_LOST",
  message:
    "The connection to the database broke before it answered: whether the statement was done is unknown. " +
    "Try again soon.",
};

function poolFull(message: string): Account {
  return {
    reason: "POOL_FULL",
    message: `${message} The statement was not sent. Try again soon.`,
    retryAfterMs: 1_000,
  };
}

/** On a caller's own connection the duration is not known. */
function statementEnded(
  code: "57014" | "55P03",
  ranMs: number | undefined,
  limitMs: number | null,
  server: string,
): Account {
  const ms = limitMs ?? ranMs;
  const seconds = ms === undefined ? "" : `${Math.round(ms / 100) / 10} s`;
  const nothing = "it changed nothing";
  if (code === "55P03") {
    const remedy = "Try again when the transaction that holds the lock has ended.";
    const waited = seconds === "" ? "waited too long" : `waited ${seconds}`;
    const message = `PostgreSQL cancelled a statement that ${waited} for a lock; ${nothing}. ${remedy}`;
    return { reason: "LOCK_TIMEOUT", message };
  }
  const begin = `PostgreSQL cancelled a statement${seconds === "" ? "" : ` after ${seconds}`}`;
  if (limitMs !== null) {
    const remedy = "Ask for less at once, or try again when the database has less to do.";
    return {
      reason: "STATEMENT_TIMEOUT",
      message: `${begin}, the limit for one statement; ${nothing}. ${remedy}`,
    };
  }
  const remedy =
    "An administrator did it, or a statement_timeout of the role or the database that is below Lovage's.";
  return { reason: "STATEMENT_CANCELLED", message: `${begin} (${server}); ${nothing}. ${remedy}` };
}

/** Remedies for errors of PostgreSQL, by SQLSTATE or its beginning; the first match counts. */
const REMEDIES: readonly (readonly [code: string, remedy: string])[] = [
  [
    "25006",
    "Connect to the primary, or make the role writable: ALTER ROLE <name> SET default_transaction_read_only = off;",
  ],
  ["28", "Check the user and password in DATABASE_URL, and pg_hba.conf."],
  ["3D000", "Create the database, or change DATABASE_URL."],
  ["42501", "Grant the role what it lacks; `lovage doctor` lists it."],
  ["3F000", "Run `lovage migrate`, or wait until a restore has ended."],
  ["42", "Run `lovage migrate`, or wait until a restore has ended."],
  ["53100", "Free space on the disk of the server."],
  ["53300", "Raise max_connections there, or end what holds connections."],
  ["57P03", "Wait until it has started."],
  ["08P01", "Check that DATABASE_URL leads to PostgreSQL, and the settings of a pooler in between."],
];

/** Returns the remedy for an error of the server with this SQLSTATE. */
export function remedyFor(code: string): string {
  return REMEDIES.find(([start]) => code.startsWith(start))?.[1] ?? "Look into the log of PostgreSQL.";
}
