/** `extensions.code` of requests that are refused before GraphQL runs. */
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
  | "DOCUMENT_NOT_TRUSTED"
  | LimitCode;

/** Codes of documents over a limit: see limits.ts. */
export type LimitCode =
  | "TOKEN_LIMIT"
  | "DEPTH_LIMIT"
  | "ALIAS_LIMIT"
  | "ROOT_FIELD_LIMIT"
  | "DIRECTIVE_LIMIT";

/** Thrown if one of our checks refuses a request: before it runs, or instead of its reply. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";

  constructor(
    readonly status: number,
    readonly code: HttpRefusalCode,
    message: string,
    /** Headers of the reply. */
    readonly headers: Readonly<Record<string, string>> = {},
    /** Figures for programs, beside the code. */
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/**
 * The code and message of every unexpected error. The log has its details, by the ID of the
 * request.
 */
export const UNEXPECTED = { code: "INTERNAL_SERVER_ERROR", message: "Unexpected error." } as const;

/** Returns the body of a reply with one error. */
export function errorBody(
  error: Pick<HttpRefusal, "message"> & { readonly code: string } & Partial<Pick<HttpRefusal, "extensions">>,
  requestId: string,
): string {
  const { message, code, extensions } = error;
  return JSON.stringify({ errors: [{ message, extensions: { ...extensions, code, requestId } }] });
}
