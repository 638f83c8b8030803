import type { PoolConfig } from "pg";
import type { Logger } from "../../lib/log.ts";
import type { DatabaseLimits } from "./pg-pool.ts";

type LimitsSent = Pick<
  PoolConfig,
  "statement_timeout" | "lock_timeout" | "idle_in_transaction_session_timeout"
>;
type Limits = Pick<DatabaseLimits, "statementMs" | "lockMs" | "idleInTransactionMs">;

/** What PgBouncer answers, which names the first parameter that it does not know. */
const REFUSED = /unsupported startup parameter/i;

/**
 * The limits of PostgreSQL that a session gets with its login. PgBouncer refuses logins with them, unless it is told to drop them, which
 * comes to the same. It cannot be given them later either: in its transaction mode they would stay with a session that is others' next. So
 * they are left out there, and the role may have them instead.
 */
export class LoginLimits {
  #refused = false;

  constructor(private readonly log: Logger) {}

  /** What to send with a login; nothing once a login was refused for it. */
  of({ statementMs, lockMs, idleInTransactionMs }: Limits): LimitsSent {
    if (this.#refused)
      return { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
    return {
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
    };
  }

  /** Takes note of why a login failed. Returns whether these limits were the reason. */
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
      "The connection pooler takes no limits with a login; PostgreSQL ends no slow statement for Lovage",
      {
        remedy: `Set them for its role: ${settings.map((setting) => `ALTER ROLE <name> SET ${setting};`).join(" ")}`,
      },
    );
  }
}
