import type { KeepTimes } from "./results.ts";
import type { Secrets } from "./sensitive.ts";

/**
 * What only some tasks are told. It travels with the row as one JSON value, which is null for all the others: they pay nothing for it. A task
 * keeps what it was told when it was enqueued, whatever becomes of its definition.
 */
export interface StoredOptions {
  /** After so long `ctx.signal` aborts, in milliseconds of one attempt; the hard limit is a column of its own. */
  readonly softTimeLimitMs?: number;
  /** How long it is kept once it has ended, in milliseconds, where that is not what the app says. */
  readonly keep?: Partial<KeepTimes>;
  /** Its output is checked, and not kept. */
  readonly ignoreResult?: true;
  /** Sensitive values of its input, which has placeholders in their stead, by JSON Pointer. */
  readonly secrets?: Secrets;
  /** The same, encrypted. */
  readonly sealed?: string;
  /** Its output is in Redis. */
  readonly resultBackend?: "redis";
}
