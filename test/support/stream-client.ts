import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

/** The ways in which a client can subscribe. */
export const TRANSPORTS = ["WebSocket", "Server-Sent Events"] as const;
export type Transport = (typeof TRANSPORTS)[number];

// oxlint-disable-next-line typescript/no-explicit-any -- messages are looked at field by field
type Loose = any;

/** One subscription of a client. */
export interface StreamReader extends AsyncDisposable {
  /** The next message of its root field, or null at its end. Rejects with the errors of a result. */
  next(): Promise<Loose>;
  /** All messages to the end. */
  rest(): Promise<Loose[]>;
  /** The next message for which the predicate holds. */
  until(predicate: (message: Loose) => boolean): Promise<Loose>;
}

/** Subscribes by a real client, which does not connect again. */
export function openStream(
  transport: Transport,
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): StreamReader {
  const results =
    transport === "WebSocket" ? bySocket(url, query, variables) : byEvents(url, query, variables);
  const next = async (): Promise<Loose> => {
    const { done, value } = await results.next();
    if (done) return null;
    const { data, errors } = value as { data?: Loose; errors?: readonly unknown[] };
    if (errors) throw Object.assign(new Error(JSON.stringify(errors)), { errors });
    return Object.values(data)[0];
  };
  return {
    next,
    rest: async () => {
      const messages: Loose[] = [];
      for (let message = await next(); message !== null; message = await next()) messages.push(message);
      return messages;
    },
    until: async (predicate) => {
      for (;;) {
        const message = await next();
        if (message === null) throw new Error("The subscription has ended.");
        if (predicate(message)) return message;
      }
    },
    [Symbol.asyncDispose]: async () => void (await results.return?.()),
  };
}

function bySocket(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): AsyncIterator<unknown> {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const results = client.iterate({ query, variables });
  const left = results.return!.bind(results);
  const toResult = (error: unknown): IteratorResult<unknown> => {
    // Errors of a subscription that cannot start come without a result.
    if (Array.isArray(error)) return { done: false, value: { errors: error } };
    throw error;
  };
  return {
    next: () => results.next().catch(toResult),
    return: async () => {
      const ended = await left();
      await client.dispose();
      return ended;
    },
  };
}

function byEvents(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): AsyncIterator<unknown> {
  const left = new AbortController();
  const results = eventsOf(url, { query, variables }, left.signal);
  return {
    next: () => results.next(),
    // A generator that waits cannot return.
    return: async () => {
      left.abort();
      return { done: true, value: undefined };
    },
  };
}

async function* eventsOf(url: string, body: object, signal: AbortSignal): AsyncGenerator {
  const response = await fetch(`${url}/graphql/stream`, {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (response.status !== 200) {
    yield await response.json();
    return;
  }
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (event.startsWith("event: complete")) return;
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice("data: ".length));
    }
  }
}
