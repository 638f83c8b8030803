/** `extensions.code` of what is refused before GraphQL has its say. */
export type HttpRefusalCode =
  | "BAD_REQUEST"
  | "BAD_USER_INPUT"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "REQUEST_TIMEOUT"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "HEADERS_TOO_LARGE"
  | "TIMEOUT"
  | "SERVICE_UNAVAILABLE"
  | "SOCKET_LIMIT"
  | "REPLY_TOO_LARGE"
  | LimitCode;

/** A document that asks for too much; see limits.ts. */
export type LimitCode =
  | "TOKEN_LIMIT"
  | "DEPTH_LIMIT"
  | "ALIAS_LIMIT"
  | "ROOT_FIELD_LIMIT"
  | "DIRECTIVE_LIMIT";

/** Thrown when a request is refused by a check of ours: before anything of it was done, or instead of its reply. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";

  constructor(
    readonly status: number,
    readonly code: HttpRefusalCode,
    message: string,
    /** Sent along with the reply. */
    readonly headers: Readonly<Record<string, string>> = {},
    /** Figures for programs, beside the code. */
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** The text of every unexpected error: its details are in the log, under the request's id. */
export const UNEXPECTED = { code: "INTERNAL_SERVER_ERROR", message: "Unexpected error." } as const;

/** The body of a reply that holds one error of ours. */
export function errorBody(
  error: Pick<HttpRefusal, "message"> & { readonly code: string } & Partial<Pick<HttpRefusal, "extensions">>,
  requestId: string,
): string {
  const { message, code, extensions } = error;
  return JSON.stringify({ errors: [{ message, extensions: { ...extensions, code, requestId } }] });
}
