/**
 * What only some tasks are told. It travels with the row as one JSON value, which is null for all the others: they pay nothing for it. A task
 * keeps what it was told when it was enqueued, whatever becomes of its definition.
 */
export interface StoredOptions {
  /** After so long `ctx.signal` aborts, in milliseconds of one attempt; the hard limit is a column of its own. */
  readonly softTimeLimitMs?: number;
  /** Its call said its time limit: an override of its definition does not count for it. */
  readonly ownTimeLimit?: true;
}
