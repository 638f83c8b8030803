import { createClient } from "graphql-ws";
import { expect } from "vitest";
import { WebSocket } from "ws";

/**
 * Talks to a running server as any client would: HTTP for operations, one WebSocket for
 * subscriptions.
 */
export class ApiClient implements AsyncDisposable {
  readonly #socket;

  constructor(readonly url: string) {
    this.#socket = createClient({
      url: `${url.replace(/^http/, "ws")}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
  }

  async run<Data>(query: string, variables: object = {}): Promise<Data> {
    const reply = await fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await reply.json()) as { data: Data; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  }

  /** What a subscription sends, as it comes. */
  subscribe<Data>(query: string, variables: Record<string, unknown> = {}): AsyncIterableIterator<Data> {
    const results = this.#socket.iterate<Data>({ query, variables });
    return (async function* () {
      for await (const { data, errors } of results) {
        expect(errors).toBeUndefined();
        yield data!;
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.dispose();
  }
}
