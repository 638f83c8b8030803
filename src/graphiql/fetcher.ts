import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { CloseCode, createClient, type Client } from "graphql-ws";

export interface Endpoint {
  /** For queries and mutations. */
  readonly http: string;
  /** For subscriptions, by `graphql-transport-ws`. */
  readonly ws: string;
}

/**
 * A fetcher that sends the headers of the Headers pane with each HTTP request. A browser's
 * WebSocket cannot send `Authorization`, so it is in the payload of `connection_init`.
 *
 * @param token sent unless the Headers pane has an `Authorization`; null for a server that requires
 *   none
 */
export function createFetcher(endpoint: Endpoint, token: string | null): Fetcher {
  return (params, given) => {
    const options = { ...given, headers: withToken(given?.headers, token) };
    // One client for each run, since connection_init fixes the credentials of a socket. A socket
    // opens when a subscription starts, and closes when it ends.
    const wsClient = socketClient(endpoint.ws, credentials(options.headers));
    // No multipart responses: the server sends none, and they would change the Accept header.
    const run = createGraphiQLFetcher({
      url: endpoint.http,
      fetch: fetchJson,
      wsClient,
      enableIncrementalDelivery: false,
    });
    return run(params, options);
  };
}

/** Returns failures as GraphQL errors: GraphiQL would show a parser's message or a stack trace. */
const fetchJson: typeof fetch = async (...request) => {
  try {
    const response = await fetch(...request);
    if (/\bjson\b/.test(response.headers.get("content-type") ?? "")) return response;
    return failure(`The server answered ${response.status} without JSON.`);
  } catch (error) {
    return failure(`No answer (${String(error)}). Is the server still running?`);
  }
};

function failure(message: string): Response {
  return Response.json({ errors: [{ message }] });
}

function socketClient(url: string, connectionParams: Credentials): Client {
  const client = createClient({
    url,
    connectionParams,
    // Reconnects after a lost connection, but not after a refusal, which stays until the Headers
    // pane changes.
    shouldRetry: (reason) => reason instanceof CloseEvent && reason.code !== CloseCode.Forbidden,
  });
  return {
    ...client,
    subscribe: (payload, sink) =>
      client.subscribe(payload, { ...sink, error: (reason) => sink.error(explain(reason)) }),
  };
}

/**
 * The error of a subscription as a plain object: GraphiQL would print an Error with its stack
 * trace.
 */
function explain(reason: unknown): unknown {
  if (!(reason instanceof CloseEvent)) return reason;
  const advice =
    reason.code === CloseCode.Forbidden
      ? ' Put {"Authorization": "Bearer <token>"} into the Headers pane, with a token of this server.'
      : "";
  const closed = `${reason.code} ${reason.reason}`.trim();
  return { message: `The server closed the WebSocket: ${closed}.${advice}` };
}

/** The endpoint of the server that served the page at `page`. */
export function sameOrigin(page: URL): Endpoint {
  const http = new URL("/graphql", page);
  const ws = new URL(http);
  ws.protocol = page.protocol === "https:" ? "wss:" : "ws:";
  return { http: http.href, ws: ws.href };
}

interface Credentials {
  // graphql-ws wants a record.
  readonly [key: string]: string;
}

function credentials(headers: Readonly<Record<string, unknown>>): Credentials {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization");
  return found ? { authorization: String(found[1]) } : {};
}

function withToken(
  headers: Readonly<Record<string, unknown>> = {},
  token: string | null,
): Readonly<Record<string, unknown>> {
  if (token === null || "authorization" in credentials(headers)) return headers;
  return { ...headers, Authorization: `Bearer ${token}` };
}
