import { type Client as SocketClient, createClient, type SubscribePayload } from "graphql-ws/client";
import { type BackoffBounds, backoffMs } from "../lib/async/backoff.ts";
import { ClientError, closedClient, failedSubscription, readAnswer, unreachable } from "./answer.ts";
import { findTokenProblem, type GraphqlClientOptions } from "./client-options.ts";
import { type Document, textOf } from "./document.ts";

export interface RequestOptions {
  /** Ends the request or the subscription, which then throws the reason of the signal. */
  readonly signal?: AbortSignal;
}

/** A query has no effects, so its timeout can be short. */
const QUERY_TIMEOUT_MS = 5_000;
/** A timeout leaves open whether a mutation was executed, so it has more time. */
const MUTATION_TIMEOUT_MS = 30_000;
const CONNECT_ATTEMPTS = 20;
const RECONNECT: BackoffBounds = { firstMs: 250, maxMs: 10_000 };

/**
 * A client of a running server: sends documents over HTTP, and subscriptions over one WebSocket.
 */
export class GraphqlClient implements AsyncDisposable {
  readonly #endpoint: URL;
  readonly #options: GraphqlClientOptions;
  #socket: SocketClient | null = null;
  #isConnected = false;
  /** Aborts when the client is disposed of. */
  readonly #closing = new AbortController();
  /** Why the token of the last connection cannot be sent. */
  #tokenProblem: TypeError | null = null;

  constructor(options: GraphqlClientOptions) {
    this.#endpoint = new URL("graphql", String(options.url).replace(/\/*(?:graphql\/?)?$/, "/"));
    this.#options = options;
  }

  /**
   * Executes a query within 5 seconds.
   * @throws ClientError if the server is unreachable or refuses the request; see its `code`
   */
  query<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options: RequestOptions = {},
  ): Promise<Result> {
    return this.#post(document, variables, QUERY_TIMEOUT_MS, options.signal);
  }

  /**
   * Executes a mutation within 30 seconds. A timeout leaves open whether it was executed.
   * @throws ClientError
   */
  mutate<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    options: RequestOptions = {},
  ): Promise<Result> {
    return this.#post(document, variables, MUTATION_TIMEOUT_MS, options.signal);
  }

  /**
   * Subscribes, and subscribes again after a lost connection. If the document has the variable
   * `$after` and selects `cursor`, it continues after the last message, without gaps or duplicates.
   * Otherwise the server sends the current state first.
   *
   * @throws ClientError
   */
  async *subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    { signal }: RequestOptions = {},
  ): AsyncGenerator<Result, void, undefined> {
    const query = await textOf(document);
    const resumes = /\$after\b/.test(query);
    const end = AbortSignal.any([this.#closing.signal, signal ?? []].flat());
    let after: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const sent = { ...variables, ...(after === undefined ? {} : { after }) };
      try {
        for await (const result of this.#iterate<Result>({ query, variables: sent }, end)) {
          attempt = 1;
          if (resumes) after = cursorOf(result) ?? after;
          yield result;
        }
        end.throwIfAborted();
        return;
      } catch (error) {
        end.throwIfAborted();
        this.#throwUnlessLost(error, attempt);
      }
      await pause(backoffMs(attempt - 1, RECONNECT), end);
    }
  }

  /** Closes the WebSocket. Subscriptions and later calls throw ClientError (CONNECTION_CLOSED). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(closedClient());
    // `dispose` would wait for a connection that is being made.
    if (!this.#isConnected) this.#socket?.terminate();
    await this.#socket?.dispose();
  }

  /** @throws ClientError unless the connection was lost and may be tried again */
  #throwUnlessLost(error: unknown, attempt: number): void {
    if (this.#tokenProblem) throw this.#tokenProblem;
    const failure = failedSubscription(this.#endpoint, error);
    const isLost = failure.code === "UNREACHABLE" || failure.code === "CONNECTION_CLOSED";
    if (!isLost || attempt >= (this.#options.connectAttempts ?? CONNECT_ATTEMPTS)) throw failure;
  }

  async *#iterate<Result>(
    request: { readonly query: string; readonly variables: object },
    signal: AbortSignal,
  ): AsyncGenerator<Result, void, undefined> {
    signal.throwIfAborted();
    this.#socket ??= this.#openSocket();
    const results = this.#socket.iterate<Result>(request as SubscribePayload);
    const end = (): void => {
      // `return` alone waits for a connection that is being made.
      void results.throw?.(signal.reason);
      void results.return?.();
    };
    signal.addEventListener("abort", end, { once: true });
    try {
      for await (const { data, errors } of results) {
        if (errors?.[0]) throw ClientError.ofErrors(errors);
        if (data) yield data;
      }
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #post<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result> {
    this.#closing.signal.throwIfAborted();
    const body = JSON.stringify({ query: await textOf(document), variables });
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(await this.#credentials()),
    };
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(this.#endpoint, {
        method: "POST",
        headers,
        body,
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
        redirect: "manual",
      });
      return readAnswer(this.#endpoint, response, await response.text()) as Result;
    } catch (error) {
      if (signal?.aborted || error instanceof ClientError) throw error;
      throw unreachable(this.#endpoint, error, timeoutMs);
    }
  }

  async #credentials(): Promise<Readonly<Record<string, string>>> {
    const source = this.#options.token ?? null;
    const token = (typeof source === "function" ? await source() : source) ?? null;
    const problem = findTokenProblem(token);
    this.#tokenProblem = problem === null ? null : new TypeError(problem);
    if (this.#tokenProblem) throw this.#tokenProblem;
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  #openSocket(): SocketClient {
    const url = new URL(this.#endpoint);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return createClient({
      url: url.href,
      webSocketImpl: this.#options.webSocket ?? WebSocket,
      connectionParams: () => this.#credentials(),
      // `subscribe` connects again, since it knows the cursor to continue from.
      retryAttempts: 0,
      on: {
        connected: () => (this.#isConnected = true),
        closed: () => (this.#isConnected = false),
      },
    });
  }
}

/** The cursor of a message: that of its only field that has one. */
function cursorOf(result: unknown): string | undefined {
  for (const message of Object.values(result as object)) {
    const cursor = (message as { readonly cursor?: unknown } | null)?.cursor;
    if (typeof cursor === "string") return cursor;
  }
  return undefined;
}

/** Waits; an abort ends the wait. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  // A signal with a listener is kept as long as the client.
  signal.removeEventListener("abort", end);
}
