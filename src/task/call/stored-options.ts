import type { Json } from "../../lib/json.ts";
import type { KeepTimes } from "../records/results.ts";
import type { Secrets } from "../sensitive/sensitive.ts";

/** Sensitive values of an input. */
export type HiddenValues =
  /** As they are, by JSON Pointer. */
  | { readonly secrets: Secrets; readonly sealed?: never }
  /** Encrypted. */
  | { readonly sealed: string; readonly secrets?: never };

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
  /** Sensitive values of its input, which has placeholders in their stead. */
  readonly hidden?: HiddenValues;
  /** Its output is in Redis. */
  readonly resultBackend?: "redis";
  /** Its call said its time limit: an override of its definition does not count for it. */
  readonly ownTimeLimit?: true;
  /** The same of its soft time limit. */
  readonly ownSoftTimeLimit?: true;
  /** How long after its creation it was first due, in milliseconds, where its definition's `retry.for` counts from there. */
  readonly firstDueMs?: number;
  /** The input that it was enqueued with, where a `RetryTask` or a later call gave it another one; SQL compares idempotent enqueues with it. */
  readonly enqueuedInput?: Json;
}
