import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { TypedDocumentString } from "./generated/graphql.ts";
import { ClientError, closedSocket, readAnswer, unreachable } from "./answer.ts";

export interface GraphqlClientOptions {
  /** The server's base URL, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Sent as a bearer token by HTTP, and in `connection_init` by WebSocket. */
  readonly token: string | null;
}

/** A query has no effects, so its timeout can be short. */
const QUERY_TIMEOUT_MS = 5_000;
/** A timeout leaves open whether a mutation was executed, so it has more time. */
const MUTATION_TIMEOUT_MS = 30_000;
const RECONNECTS = 5;

/**
 * A client of a running server: sends typed documents over HTTP, and subscriptions over WebSocket.
 */
export class GraphqlClient implements AsyncDisposable {
  readonly #endpoint: URL;
  readonly #token: string | null;
  #socket: Client | null = null;

  constructor({ url, token }: GraphqlClientOptions) {
    this.#endpoint = new URL("graphql", url.replace(/\/*(?:graphql\/?)?$/, "/"));
    this.#token = token;
  }

  /** @throws ClientError when the server is unreachable or refuses the request; see its `code` */
  query<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    return this.#post(document, variables, QUERY_TIMEOUT_MS);
  }

  /** Like `query`. A timeout leaves open whether the mutation was executed. @throws ClientError */
  mutate<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    return this.#post(document, variables, MUTATION_TIMEOUT_MS);
  }

  /**
   * Subscribes again after a lost connection: only for documents whose first result is the current
   * state.
   *
   * @throws ClientError
   */
  async *subscribe<Result, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): AsyncGenerator<Result, void, undefined> {
    this.#socket ??= this.#openSocket();
    try {
      for await (const result of this.#socket.iterate<Result>({ query: document.toString(), variables })) {
        if (result.errors?.[0]) throw ClientError.ofErrors(result.errors);
        if (result.data) yield result.data;
      }
    } catch (error) {
      throw error instanceof ClientError ? error : closedSocket(this.#endpoint, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.dispose();
  }

  async #post<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    timeoutMs: number,
  ): Promise<Result> {
    const body = JSON.stringify({ query: document.toString(), variables });
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...this.#credentials(),
    };
    try {
      const response = await fetch(this.#endpoint, {
        method: "POST",
        headers,
        body,
        signal,
        redirect: "manual",
      });
      return readAnswer(this.#endpoint, response, await response.text()) as Result;
    } catch (error) {
      throw error instanceof ClientError ? error : unreachable(this.#endpoint, error, timeoutMs);
    }
  }

  #credentials(): Readonly<Record<string, string>> {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  #openSocket(): Client {
    const url = new URL(this.#endpoint);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return createClient({
      url: url.href,
      webSocketImpl: WebSocket,
      connectionParams: this.#credentials(),
      retryAttempts: RECONNECTS,
      // By default only clean closes are retried; a restarting server closes in many ways.
      shouldRetry: () => true,
    });
  }
}
