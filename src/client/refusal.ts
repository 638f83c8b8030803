import { type Issue, type RefusalCode, refuseIssues } from "../errors.ts";
import { unexpectedAnswer } from "./answer.ts";

/** The errors of a payload. */
type UserErrors = readonly {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}[];

/**
 * Returns a payload without errors. Throws its errors as `app.enqueue` does.
 *
 * @throws RefusedError
 * @throws ClientError (NOT_LOVAGE) if it is not a payload
 */
export function acceptPayload<Payload extends { readonly errors: UserErrors }>(
  payload: Payload | undefined,
): Payload {
  if (!payload || !Array.isArray(payload.errors)) throw unexpectedAnswer();
  refuseIssues((payload.errors as UserErrors).map(toIssue));
  return payload;
}

function toIssue({ code, message, path, hint }: UserErrors[number]): Issue {
  // RefusedError puts the path before each message, as the server did.
  const prefix = path && path.length > 0 ? `${path.join(".")}: ` : "";
  return {
    code: code as RefusalCode,
    message: message.startsWith(prefix) ? message.slice(prefix.length) : message,
    path: path ?? [],
    ...(hint === null ? {} : { hint }),
  };
}
