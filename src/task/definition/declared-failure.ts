import type { DeclaredFailure } from "../../errors.ts";

/** A declared error as who awaits the result sees it: its name and its data. */
export type DeclaredErrorOf<Errors> = {
  readonly [Name in keyof Errors & string]: { readonly name: Name; readonly data: Errors[Name] };
}[keyof Errors & string];

/**
 * Returns the declared error with which a task of a definition failed; null for any other error.
 *
 * @param error what `handle.result()` threw
 */
export function declaredError<Errors>(
  definition: { readonly name: string; readonly types?: { readonly errors: Errors } },
  error: unknown,
): DeclaredErrorOf<Errors> | null {
  const { code, declared } = (error ?? {}) as {
    readonly code?: unknown;
    readonly declared?: DeclaredFailure | null;
  };
  if (code !== "TASK_FAILED" || !declared || declared.task !== definition.name) return null;
  return { name: declared.name, data: declared.data } as DeclaredErrorOf<Errors>;
}
