/** What a server, or the way to it, did instead of answering. Codes of GraphQL errors are the server's own. */
export type ClientErrorCode =
  | "UNREACHABLE"
  | "TIMEOUT"
  | "NOT_LOVAGE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | (string & {});

interface GraphqlError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Thrown when a request to a server got no result. */
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

/** Takes the data out of an HTTP answer. @throws ClientError */
export function readAnswer(endpoint: URL, response: Response, body: string): unknown {
  const answer = parse(body);
  if (answer?.errors?.[0]) throw ClientError.ofErrors(answer.errors);
  if (response.status === 401)
    throw new ClientError("UNAUTHENTICATED", `${endpoint.href} asks for a token.`, TOKEN_HINT);
  if (response.status === 403)
    throw new ClientError("FORBIDDEN", `${endpoint.href} refuses this request (HTTP 403).`);
  if (answer?.data) return answer.data;
  const type = response.headers.get("content-type") ?? "no content type";
  const hint = "Is another program on that port? Correct --url or LOVAGE_URL.";
  throw new ClientError(
    "NOT_LOVAGE",
    `${endpoint.href} is no Lovage server: it answered HTTP ${response.status}, ${type}.`,
    hint,
  );
}

/** The error of a request that got no answer at all. */
export function unreachable(endpoint: URL, error: unknown, timeoutMs: number): ClientError {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new ClientError("TIMEOUT", `${endpoint.href} did not answer within ${timeoutMs / 1000} s.`, null, {
      cause: error,
    });
  }
  return new ClientError("UNREACHABLE", `cannot reach ${endpoint.href} (${reasonOf(error)}).`, START_HINT, {
    cause: error,
  });
}

/** The error of a subscription whose WebSocket was closed. */
export function closedSocket(endpoint: URL, error: unknown): ClientError {
  const { code, reason } = (error ?? {}) as { readonly code?: unknown; readonly reason?: unknown };
  // What the protocol closes with when it does not like the credentials.
  if (code === 4401 || code === 4403) {
    return new ClientError("UNAUTHENTICATED", `${endpoint.href} refuses the token.`, TOKEN_HINT, {
      cause: error,
    });
  }
  if (typeof code === "number" && code !== 1006) {
    const said = typeof reason === "string" && reason !== "" ? `: ${reason}` : "";
    return new ClientError("UNREACHABLE", `${endpoint.href} closed the WebSocket (${code}${said}).`, null, {
      cause: error,
    });
  }
  return new ClientError(
    "UNREACHABLE",
    `lost the connection to ${endpoint.href} (${reasonOf(error)}).`,
    START_HINT,
    { cause: error },
  );
}

const START_HINT = "Start it with `lovage up`, or set --url.";
const TOKEN_HINT = "Set LOVAGE_TOKEN or --token to the server's token.";

function hintFor(code: unknown, error: GraphqlError | undefined): string | null {
  if (code === "UNAUTHENTICATED") return TOKEN_HINT;
  if (code === "GRAPHQL_VALIDATION_FAILED") return "The server may be of another version than this command.";
  const requestId = error?.extensions?.["requestId"];
  return code === "INTERNAL_SERVER_ERROR" && typeof requestId === "string"
    ? `The server's log has more: request ${requestId}.`
    : null;
}

/** The system's word for it, such as ECONNREFUSED, wherever in the chain of causes it stands. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error) {
    if ("code" in inner && typeof inner.code === "string") return inner.code;
    inner = inner instanceof AggregateError ? (inner.errors as unknown[])[0] : inner.cause;
  }
  return error instanceof Error ? error.message : "closed";
}

function parse(body: string): { readonly data?: unknown; readonly errors?: readonly GraphqlError[] } | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
