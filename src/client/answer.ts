/** Codes of failed requests. GraphQL errors have the codes of the server. */
export type ClientErrorCode =
  /** The server cannot be reached, or the connection broke. */
  | "UNREACHABLE"
  /** The server closed the WebSocket, for a reason that the message gives. */
  | "CONNECTION_CLOSED"
  /** No response came in time. */
  | "TIMEOUT"
  /** Another program answers at the URL. */
  | "NOT_LOVAGE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | (string & {});

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
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static ofErrors(errors: readonly GraphqlError[]): ClientError {
    const code = errors[0]?.extensions?.["code"];
    const message = errors.map((error) => error.message).join("\n");
    return new ClientError(typeof code === "string" ? code : "UNKNOWN", message, hintFor(code, errors[0]));
  }
}

/**
 * The data in an HTTP response.
 *
 * @throws ClientError
 */
export function readAnswer(endpoint: URL, response: Response, body: string): unknown {
  const answer = parse(body);
  if (answer?.errors?.[0]) throw ClientError.ofErrors(answer.errors);
  if (response.status === 401) throw new ClientError("UNAUTHENTICATED", `${endpoint.href} requires a token.`);
  if (response.status === 403)
    throw new ClientError("FORBIDDEN", `${endpoint.href} refused this request (HTTP 403).`);
  if (answer?.data) return answer.data;
  const type = response.headers.get("content-type") ?? "no content type";
  const hint = "Another program may use that port: correct the URL.";
  throw new ClientError(
    "NOT_LOVAGE",
    `${endpoint.href} is not a Lovage server: it answered HTTP ${response.status}, ${type}.`,
    hint,
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

function isErrors(error: unknown): error is readonly GraphqlError[] {
  return Array.isArray(error) && error.length > 0;
}

function parse(body: string): { readonly data?: unknown; readonly errors?: readonly GraphqlError[] } | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
