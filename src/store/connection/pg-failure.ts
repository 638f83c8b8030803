import { UnavailableError } from "../../errors.ts";
import { databaseUnavailable } from "./unavailable.ts";

/**
 * The pool has no connection to give, or lost the one that a statement was on. Whatever the reason, and whatever code the server gave for
 * it, no statement was refused: it may be sent again.
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** Survives the ORM, which copies the properties of errors into errors of its classes. */
  readonly isConnectionError = true;
  /** Of the error below, where it has one: `ECONNREFUSED`, `28P01`. */
  declare readonly code?: string;

  constructor(
    cause: unknown,
    /** Whether a statement had been sent, which may have been done. */
    readonly sent: boolean,
  ) {
    const { message, code } = firstOf(cause);
    super(message, { cause });
    if (code !== undefined) this.code = code;
  }
}

/** A host with several addresses fails with an error for each, in one that has no message. */
function firstOf(cause: unknown): { readonly message: string; readonly code?: string } {
  const errors = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [];
  const error = errors[0] ?? cause;
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? { message: error.message, code } : { message: error.message };
}

/** PostgreSQL's code for why it did not do a statement. */
const SQLSTATE = /^[0-9A-Z]{5}$/;
/**
 * The classes of SQLSTATE by which PostgreSQL refuses what a statement brought with it: a cardinality (21), the data (22), a constraint
 * (23, 44), a size (54), a trigger (P0). The same statement fails in the same way whenever it is sent. Everything else is about the server,
 * the session or the role, which may be mended: so it is an outage, codes of future versions included.
 */
const REFUSALS = /^(?:21|22|23|44|54|P0)/;
/** Serialisation failure and deadlock: the transaction did nothing, and may be sent again at once. */
const CONFLICT = /^40/;

/** What `pg` reports of a connection that ended, where no pool of ours says so: on connections of the caller. */
const ENDED =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|connection error|not queryable|client was closed/i;

/** Whether the same statement may succeed later. False for one that was refused, for a conflict, and for errors of anything but the database. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("isConnectionError" in error || error instanceof UnavailableError) return true;
  const code = sqlStateOf(error);
  if (code !== null) return !REFUSALS.test(code) && !CONFLICT.test(code);
  // Only system calls have one: sockets, and the look-up of names.
  if ("syscall" in error || ENDED.test(error.message)) return true;
  return error.cause !== undefined && isAway(error.cause);
}

export function isConflict(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== null && CONFLICT.test(code);
}

/** The code of an error that the server sent; null for any other error. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { readonly code?: unknown };
  // Error codes of Node are longer, but for EPIPE, EBADF, EPERM and EBUSY: those come without the severity that each message of a server has.
  return typeof code === "string" && SQLSTATE.test(code) && "severity" in error ? code : null;
}

/** What callers of the stores get: UnavailableError where the same may succeed later, else the error itself. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof UnavailableError || !isAway(error)) return error;
  return databaseUnavailable(error, sqlStateOf(error) !== null);
}
