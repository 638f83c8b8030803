/** Set in the environment of a process that `lovage dev` runs. */
export const DEV_VARIABLE = "LOVAGE_DEV";

/** What such a process sends. */
export type FromDevChild =
  /** It imports this file. */
  | { readonly type: "file"; readonly path: string }
  /** All files are loaded; it goes on when it gets "go". */
  | { readonly type: "loaded"; readonly globs: readonly string[] }
  /** It serves. */
  | { readonly type: "ready" };

/** What it gets: the process before it has ended. */
export type ToDevChild = "go";
