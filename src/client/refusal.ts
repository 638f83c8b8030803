import { type Issue, type RefusalCode, refuseIssues } from "../errors.ts";

/** The errors of a payload. */
type UserErrors = readonly {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}[];

/**
 * Throws the errors of a payload as `app.enqueue` does.
 *
 * @throws RefusedError
 */
export function refusePayload(errors: UserErrors): void {
  refuseIssues(
    errors.map(({ code, message, path, hint }): Issue => ({
      code: code as RefusalCode,
      message,
      path: path ?? [],
      ...(hint === null ? {} : { hint }),
    })),
  );
}
