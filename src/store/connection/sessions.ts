import type { PoolConfig } from "pg";
import { MINUTE } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { DatabaseLimits } from "./limits.ts";

type LimitsSent = Pick<
  PoolConfig,
  "statement_timeout" | "lock_timeout" | "idle_in_transaction_session_timeout"
>;
type Limits = Pick<DatabaseLimits, "statementMs" | "lockMs" | "idleInTransactionMs">;

/** The answer of PgBouncer, which names the first parameter that it does not support. */
const REFUSED = /unsupported startup parameter/i;

/**
 * The time limits that PostgreSQL gets with a login. PgBouncer refuses logins with them, or is
 * configured to drop them. They cannot be set later either: in its transaction mode they would stay
 * with a session that others use next. So logins through PgBouncer leave them out, and the role may
 * have them instead.
 */
export class LoginLimits {
  #refused = false;

  constructor(private readonly log: Logger) {}

  /** Returns the parameters of a login: no limits once a login was refused for them. */
  of({ statementMs, lockMs, idleInTransactionMs }: Limits): LimitsSent {
    if (this.#refused)
      return { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
    return {
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
    };
  }

  /** Records why a login failed. Returns whether these limits were the reason. */
  note(error: unknown, limits: Limits): boolean {
    if (!(error instanceof Error) || !REFUSED.test(error.message)) return false;
    if (!this.#refused) this.#warn(limits);
    this.#refused = true;
    return true;
  }

  #warn({ statementMs, lockMs, idleInTransactionMs }: Limits): void {
    const settings = [
      `statement_timeout = ${statementMs}`,
      `lock_timeout = ${lockMs}`,
      `idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    ];
    this.log.warn(
      "The connection pooler refused time limits at login; PostgreSQL cancels no slow statement of Lovage",
      {
        remedy: `Set them for its role: ${settings.map((setting) => `ALTER ROLE <name> SET ${setting};`).join(" ")}`,
      },
    );
  }
}

/**
 * The session is read-only: after a switchover it is one of the old primary, which may keep its
 * sockets open for hours.
 */
const READ_ONLY = "25006";
/**
 * Classes of SQLSTATE that concern the session and not the statement: a broken connection (08), a
 * cached plan (0A), a transaction state (25), a prepared statement that is missing (26) or exists
 * already (42P05), a shutdown (57P), an internal error (XX).
 */
const SPOILED = /^(?:08|0A|25|26|42P05|57P|XX)/;
/** At most one renewal in this time: where PostgreSQL stays read-only, new sessions do not help. */
const MIN_AGE_MS = 500;

/**
 * Decides which sessions of a process are not used again. A read-only answer makes all sessions of
 * that age suspect, in all pools: the next statement opens a new session, at the server that the
 * address leads to by then.
 */
export class SessionRenewal {
  /** Sessions that began before are suspect. By the monotonic clock. */
  #renewedAt = -Infinity;
  readonly #logLimit = new LogLimit(MINUTE);

  constructor(private readonly log: Logger) {}

  /** Records an error code of the server. Returns whether its session must not be used again. */
  note(code: string, begunAt: number): boolean {
    if (code !== READ_ONLY) return SPOILED.test(code);
    const now = performance.now();
    if (now - Math.max(begunAt, this.#renewedAt) < MIN_AGE_MS) return this.isSuspect(begunAt);
    this.#renewedAt = now;
    this.#logLimit.pass(() =>
      this.log.warn("PostgreSQL refused writes in a read-only session; all sessions are renewed", { code }),
    );
    return true;
  }

  isSuspect(begunAt: number): boolean {
    return begunAt < this.#renewedAt;
  }
}
