/** How long a process waits for PostgreSQL, in milliseconds. */
export interface DatabaseLimits {
  /** For a new connection, or for a free one of a full pool. */
  readonly connectMs: number;
  /** The server cancels a statement that runs longer; 0 = no limit of ours. */
  readonly statementMs: number;
  /** The server cancels a statement that waits longer for a lock; 0 = no limit of ours. */
  readonly lockMs: number;
  /**
   * A connection is closed when its statement got no answer for this long; 0 = never. Above
   * `statementMs`: a reachable server has answered by then, at least that it cancelled the
   * statement.
   */
  readonly silenceMs: number;
  /** The server ends a session that is idle in a transaction for this long. */
  readonly idleInTransactionMs: number;
}

/** For ordinary work. Below the 10 s of a GraphQL operation, so that its caller gets the reason. */
export const LIMITS = {
  connectMs: 3_500,
  statementMs: 7_000,
  lockMs: 5_000,
  silenceMs: 8_500,
  idleInTransactionMs: 30_000,
} as const satisfies DatabaseLimits;

/** For migrations, which may take long. */
export const PATIENT_LIMITS = { ...LIMITS, statementMs: 0, lockMs: 0, silenceMs: 0 } as const;
