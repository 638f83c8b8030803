import { UnavailableError, type UnavailableReason } from "../../errors.ts";
import type { StatementEndedError } from "./connection-errors.ts";
import type { ConnectionError } from "./pg-failure.ts";
import { remedyFor } from "./pg-remedies.ts";

/** What happened, for callers. */
interface Account {
  readonly reason: UnavailableReason;
  readonly message?: string;
  readonly retryAfterMs?: number;
}

/** What errors below have, each some of it. */
interface Facts extends Partial<Pick<StatementEndedError, "ranMs" | "limitMs">> {
  readonly code?: string;
  readonly sent?: ConnectionError["sent"];
}

/**
 * Makes what callers get of an error that says that the database can do nothing for now: it says which of the ways of that it is.
 *
 * @param answered whether the error is PostgreSQL's answer to the statement
 */
export function databaseUnavailable(cause: unknown, answered: boolean): UnavailableError {
  const account = accountOf(cause) ?? { reason: answered ? "SERVER_ERROR" : "NO_ANSWER" };
  return new UnavailableError("database", { ...account, answered, cause, hint: hintOf(cause) });
}

/** The server's own words, where there are some, and the remedy. */
function hintOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string" || !SQLSTATE.test(code)) return hintOf(error.cause);
  return `PostgreSQL answered: ${error.message} (${code}). ${remedyFor(code)}`;
}

/** As they are written, but for those of Node that look the same, as EPIPE does: all of PostgreSQL's have a digit. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** The ORM copies the properties of an error into an error of its own class: so these decide, and the class does not. */
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

/** Codes of connections that were open: sockets', and those of PostgreSQL when it shuts down or has crashed. */
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

/** On a connection of the caller's own nobody knows how long it ran. */
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
