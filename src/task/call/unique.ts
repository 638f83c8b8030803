export const UNIQUE_CONFLICTS = ["RETURN", "REPLACE", "REJECT"] as const;
/**
 * What a call does if an unfinished task has its unique key. RETURN returns that task. REPLACE
 * gives it the new input and options while it waits; a running task releases its key to a new task.
 * REJECT refuses the call.
 */
export type UniqueConflict = (typeof UNIQUE_CONFLICTS)[number];

/** The unique policy of a definition. */
export interface UniquePolicy {
  /** Returns the unique key for a parsed input; null for none. */
  readonly uniqueKey: ((input: never) => string | null | undefined) | null;
  readonly onConflict: UniqueConflict | null;
  readonly debounceMs: number | null;
  readonly maxWaitMs: number | null;
}

/** The policy of a definition without one. */
export const NOT_UNIQUE: UniquePolicy = {
  uniqueKey: null,
  onConflict: null,
  debounceMs: null,
  maxWaitMs: null,
};

/** Returns the option of a definition or call that contradicts another, and the broken rule. */
export function findUniqueContradiction(said: {
  readonly onConflict: UniqueConflict | null;
  readonly debounceMs: number | null;
  readonly maxWaitMs: number | null;
}): { readonly key: "onConflict" | "maxWait"; readonly message: string } | null {
  const { onConflict, debounceMs, maxWaitMs } = said;
  if (debounceMs !== null && onConflict !== null && onConflict !== "REPLACE")
    return { key: "onConflict", message: `expected REPLACE where there is debounce, got ${onConflict}` };
  if (maxWaitMs === null) return null;
  if (debounceMs === null)
    return { key: "maxWait", message: "expected together with debounce, which is not given" };
  return maxWaitMs < debounceMs
    ? { key: "maxWait", message: `expected at least debounce (${debounceMs} ms), got ${maxWaitMs} ms` }
    : null;
}
