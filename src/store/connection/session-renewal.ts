import { MINUTE } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";
import { LogLimit } from "../../lib/log-limit.ts";

/** The session does not take writes: after a switchover that is the old primary, which may keep its sockets for hours. */
const READ_ONLY = "25006";
/**
 * Classes of SQLSTATE that are about the session and not about the statement: a broken connection (08), a cached plan (0A), a state of the
 * transaction (25), a prepared statement that is gone (26) or there already (42P05), a shutdown (57P), an internal error (XX).
 */
const SPOILED = /^(?:08|0A|25|26|42P05|57P|XX)/;
/** Where PostgreSQL is read-only for long, new sessions do not help: so no more than this are made. */
const MIN_AGE_MS = 500;

/**
 * Which sessions of a process are not used any more. One that answers that it is read-only makes all that are as old as it, in all pools,
 * suspect: the next statement begins a new one, at whatever the address leads to by then.
 */
export class SessionRenewal {
  /** By the monotonic clock; sessions that began before are suspect. */
  #renewedAt = -Infinity;
  readonly #logLimit = new LogLimit(MINUTE);

  constructor(private readonly log: Logger) {}

  /** Takes note of an answer of the server. Returns whether the session that gave it must not be used again. */
  note(code: string, begunAt: number): boolean {
    if (code !== READ_ONLY) return SPOILED.test(code);
    const now = performance.now();
    if (now - Math.max(begunAt, this.#renewedAt) < MIN_AGE_MS) return this.isSuspect(begunAt);
    this.#renewedAt = now;
    this.#logLimit.pass(() =>
      this.log.warn("PostgreSQL takes no writes in this session; all connections are made again", { code }),
    );
    return true;
  }

  isSuspect(begunAt: number): boolean {
    return begunAt < this.#renewedAt;
  }
}
