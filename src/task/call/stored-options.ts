import type { Json } from "../../lib/json/json.ts";
import type { KeepTimes } from "../records/results.ts";
import type { Secrets } from "../sensitive/sensitive.ts";

/** Sensitive values of an input. */
export type HiddenValues =
  /** Plain values by JSON Pointer. */
  | { readonly secrets: Secrets; readonly sealed?: never }
  /** Encrypted. */
  | { readonly sealed: string; readonly secrets?: never };

/**
 * Options that only some tasks have. They are stored with the row as one JSON value, which is null
 * for all others and costs them nothing. A task keeps its options from the enqueue, also if its
 * definition changes.
 */
export interface StoredOptions {
  /** Soft time limit of one attempt in milliseconds. The hard limit is a column. */
  readonly softTimeLimitMs?: number;
  /** How long the task is kept after its end, in milliseconds, if that differs from the setting. */
  readonly keep?: Partial<KeepTimes>;
  /** Whether its output is checked but not stored. */
  readonly ignoreResult?: true;
  /** Sensitive values of its input, which has placeholders instead. */
  readonly hidden?: HiddenValues;
  /** Whether its output is in Redis. */
  readonly resultBackend?: "redis";
  /** Whether its call set the time limit: an override of the definition does not apply then. */
  readonly ownTimeLimit?: true;
  /** Whether its call set the soft time limit. */
  readonly ownSoftTimeLimit?: true;
  /**
   * Time from its creation to its first due time, in milliseconds, if `retry.for` counts from
   * there.
   */
  readonly firstDueMs?: number;
  /**
   * The input of the enqueue, if a `RetryTask` or a later call replaced it. SQL compares it with
   * the input of idempotent enqueues.
   */
  readonly enqueuedInput?: Json;
}
