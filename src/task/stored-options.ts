import type { Json } from "../lib/json.ts";

/**
 * What only some tasks are told. It travels with the row as one JSON value, which is null for all the others: they pay nothing for it. A task
 * keeps what it was told when it was enqueued, whatever becomes of its definition.
 */
export interface StoredOptions {
  /** After so long `ctx.signal` aborts, in milliseconds of one attempt; the hard limit is a column of its own. */
  readonly softTimeLimitMs?: number;
  /** How long after its creation it was first due, in milliseconds, where its definition's `retry.for` counts from there. */
  readonly firstDueMs?: number;
  /** The input that it was enqueued with, where a `RetryTask` gave it another one; SQL compares idempotent enqueues with it. */
  readonly enqueuedInput?: Json;
}
