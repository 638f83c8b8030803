export const UNIQUE_CONFLICTS = ["RETURN", "REPLACE", "REJECT"] as const;
/**
 * What becomes of a call whose unique key an unfinished task holds. RETURN: that task is the answer. REPLACE: that task takes the new input and
 * options while it waits; one that runs leaves its key to a new task. REJECT: the call is refused.
 */
export type UniqueConflict = (typeof UNIQUE_CONFLICTS)[number];

/** What a definition says about the unique keys of its tasks. */
export interface UniquePolicy {
  /** The key of a task by its input, as its schema made it; null for a task without one. */
  readonly uniqueKey: ((input: never) => string | null | undefined) | null;
  readonly onConflict: UniqueConflict | null;
  readonly debounceMs: number | null;
  readonly maxWaitMs: number | null;
}

/** What a definition says that says nothing. */
export const NOT_UNIQUE: UniquePolicy = {
  uniqueKey: null,
  onConflict: null,
  debounceMs: null,
  maxWaitMs: null,
};

/** What contradicts itself in what a definition or a call says: the option, and the rule that it breaks. */
export function findUniqueContradiction(said: {
  readonly onConflict: UniqueConflict | null;
  readonly debounceMs: number | null;
  readonly maxWaitMs: number | null;
}): { readonly key: "onConflict" | "maxWait"; readonly message: string } | null {
  const { onConflict, debounceMs, maxWaitMs } = said;
  if (debounceMs !== null && onConflict !== null && onConflict !== "REPLACE")
    return { key: "onConflict", message: `must be REPLACE where there is debounce; got ${onConflict}` };
  if (maxWaitMs === null) return null;
  if (debounceMs === null) return { key: "maxWait", message: "bounds debounce, which is not given" };
  return maxWaitMs < debounceMs
    ? { key: "maxWait", message: `must not be shorter than debounce (${debounceMs} ms); got ${maxWaitMs} ms` }
    : null;
}
