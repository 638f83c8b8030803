/** Codes of failed requests. GraphQL errors have the codes of the server. */
export type ClientErrorCode =
  /** The server cannot be reached, the connection broke, or a gateway answered with HTTP 5xx. */
  | "UNREACHABLE"
  /** A gateway refused the request: too many came (HTTP 429). Nothing was done. */
  | "RATE_LIMITED"
  /** The client was disposed, or the server closed the WebSocket. The message gives the reason. */
  | "CONNECTION_CLOSED"
  /** No response came in time. */
  | "TIMEOUT"
  /** Another program answers at the URL. */
  | "NOT_LOVAGE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | (string & {});

/** Status and headers of a response. */
interface ResponseFacts {
  readonly status: number;
  readonly retryAfterMs: number | null;
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Thrown when a request to a server has no result. `code` shows why. */
export class ClientError extends Error {
  override readonly name = "ClientError";

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    /** What to do next. */
    readonly hint: string | null = null,
    options: ErrorOptions & Partial<ResponseFacts> = {},
  ) {
    super(message, options);
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  /** HTTP status of the response; null without one. */
  readonly status: number | null;
  /**
   * How long the server or the gateway asked to wait before the next try (`Retry-After`), in
   * milliseconds; null if it did not.
   */
  readonly retryAfterMs: number | null;

  static ofErrors(errors: readonly GraphqlError[], facts?: ResponseFacts): ClientError {
    const code = errors[0]?.extensions?.["code"];
    const message = errors.map((error) => error.message).join("\n");
    return new ClientError(
      typeof code === "string" ? code : "UNKNOWN",
      message,
      hintFor(code, errors[0]),
      facts,
    );
  }
}

/**
 * The data in an HTTP response.
 *
 * @throws ClientError
 */
export function readAnswer(endpoint: URL, response: Response, body: string): unknown {
  const answer = parse(body);
  const { status } = response;
  const facts = { status, retryAfterMs: readRetryAfter(response.headers.get("retry-after")) };
  if (isErrors(answer?.errors)) throw ClientError.ofErrors(answer.errors, facts);
  const refusal = ofStatus(status);
  if (refusal) throw new ClientError(refusal[0], `${endpoint.href} ${refusal[1]}.`, null, facts);
  if (typeof answer?.data === "object" && answer.data !== null) return answer.data;
  const type = response.headers.get("content-type") ?? "no content type";
  const hint = "Another program may use that port: correct the URL.";
  throw new ClientError(
    "NOT_LOVAGE",
    `${endpoint.href} is not a Lovage server: it answered HTTP ${status}, ${type}.`,
    hint,
    facts,
  );
}

/** The code and the message of a response without errors of GraphQL, by its status; null for others. */
function ofStatus(status: number): readonly [ClientErrorCode, string] | null {
  if (status === 401) return ["UNAUTHENTICATED", "requires a token"];
  if (status === 403) return ["FORBIDDEN", "refused this request (HTTP 403)"];
  if (status === 429) return ["RATE_LIMITED", "refused this request: it got too many (HTTP 429)"];
  return status >= 500 ? ["UNREACHABLE", `cannot be reached: a gateway answered HTTP ${status}`] : null;
}

/** `Retry-After` in milliseconds: it has seconds or a date. */
function readRetryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** The error of data without the fields that the client asked for. */
export function unexpectedAnswer(): ClientError {
  const message = "The answer does not have the fields of the request: it is not that of a Lovage server.";
  return new ClientError("NOT_LOVAGE", message, "Correct the URL.");
}

/** The error of every call after the client was disposed. */
export function closedClient(): ClientError {
  return new ClientError(
    "CONNECTION_CLOSED",
    "The client was disposed.",
    "Dispose of it after its last call.",
  );
}

/** The error of a request without a response. */
export function unreachable(endpoint: URL, error: unknown, timeoutMs: number): ClientError {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new ClientError("TIMEOUT", `${endpoint.href} did not answer within ${timeoutMs / 1000} s.`, null, {
      cause: error,
    });
  }
  return new ClientError("UNREACHABLE", `cannot reach ${endpoint.href} (${reasonOf(error)}).`, null, {
    cause: error,
  });
}

/** The error of a subscription: the server refused it, or its WebSocket was closed. */
export function failedSubscription(endpoint: URL, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  if (isErrors(error)) return ClientError.ofErrors(error);
  const { code, reason } = (error ?? {}) as { readonly code?: unknown; readonly reason?: unknown };
  // The codes of the protocol for invalid credentials.
  if (code === 4401 || code === 4403) {
    return new ClientError("UNAUTHENTICATED", `${endpoint.href} refused the token.`, null, {
      cause: error,
    });
  }
  if (typeof code === "number" && code !== 1006) {
    const because = typeof reason === "string" && reason !== "" ? `: ${reason}` : "";
    return new ClientError(
      "CONNECTION_CLOSED",
      `${endpoint.href} closed the WebSocket (${code}${because}).`,
      null,
      { cause: error },
    );
  }
  return new ClientError(
    "UNREACHABLE",
    `lost the connection to ${endpoint.href} (${reasonOf(error)}).`,
    null,
    { cause: error },
  );
}

function hintFor(code: unknown, error: GraphqlError | undefined): string | null {
  if (code === "GRAPHQL_VALIDATION_FAILED") return "The server may have another version than this client.";
  const requestId = error?.extensions?.["requestId"];
  return code === "INTERNAL_SERVER_ERROR" && typeof requestId === "string"
    ? `See request ${requestId} in the server's log.`
    : null;
}

/** The system's error code in the chain of causes, such as ECONNREFUSED; otherwise the message. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error) {
    if ("code" in inner && typeof inner.code === "string") return inner.code;
    inner = inner instanceof AggregateError ? (inner.errors as unknown[])[0] : inner.cause;
  }
  return error instanceof Error ? error.message : "closed";
}

function isErrors(errors: unknown): errors is readonly GraphqlError[] {
  const isError = (error: Partial<GraphqlError> | null): boolean => typeof error?.message === "string";
  return Array.isArray(errors) && errors.length > 0 && errors.every(isError);
}

function parse(body: string): { readonly data?: unknown; readonly errors?: unknown } | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
