import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Client as SocketClient } from "graphql-ws";
import { WebSocket } from "ws";

const WATCH = `subscription ($filter: TaskFilter, $after: String, $maxRate: Int!) {
  tasks(filter: $filter, after: $after, maxRate: $maxRate) {
    __typename
    ... on TaskUpdate { cursor at type task { id state } }
    ... on StreamLag { cursor skipped }
    ... on StreamReset { cursor reason }
    ... on StreamHeartbeat { cursor }
  }
}`;

interface Message {
  readonly __typename: "TaskUpdate" | "StreamLag" | "StreamReset" | "StreamHeartbeat";
  readonly cursor: string;
  readonly at?: string;
  readonly skipped?: number;
  readonly reason?: string;
}

export interface SubscriberOptions {
  /** Asked anew for each connection. */
  readonly url: () => string;
  /** Only tasks with this tag. @default all */
  readonly tag?: string;
  /** @default 1_000 */
  readonly maxRate?: number;
}

/** Between two pings, and how long an answer to one may take. */
const PING_MS = 1_000;

/** What a subscriber has received. */
export abstract class Subscriber implements AsyncDisposable {
  /** Cursors of the updates, as they came. */
  readonly heard: string[] = [];
  /** Milliseconds from when it happened to when it was heard, of each update. */
  readonly delays: number[] = [];
  /** What went wrong for good; a careful client has nothing left to do then. */
  readonly failures: unknown[] = [];
  readonly resets: string[] = [];
  skipped = 0;
  connections = 0;
  protected after: string | null = null;

  /** Whether it knows a place to go on from. */
  get begun(): boolean {
    return this.after !== null;
  }

  abstract [Symbol.asyncDispose](): Promise<void>;

  protected take(message: Message): void {
    this.after = message.cursor;
    if (message.__typename === "TaskUpdate") {
      this.heard.push(message.cursor);
      this.delays.push(Date.now() - Date.parse(message.at!));
    } else if (message.__typename === "StreamReset") this.resets.push(message.reason!);
    else if (message.__typename === "StreamLag") this.skipped += message.skipped!;
  }
}

/**
 * A client as careful users write it, with `graphql-ws`: it remembers the cursor of the last
 * message, pings the server, connects again when the connection is gone or silent, and goes on
 * after that cursor.
 */
export class SocketSubscriber extends Subscriber {
  readonly #client: SocketClient;
  readonly #ended = Promise.withResolvers<void>();
  #overdue: NodeJS.Timeout | undefined;

  constructor({ url, tag, maxRate = 1_000 }: SubscriberOptions) {
    super();
    this.#client = createClient({
      url: () => `${url().replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      keepAlive: PING_MS,
      retryAttempts: Infinity,
      retryWait: () => sleep(20 + Math.random() * 80),
      shouldRetry: () => true,
      connectionAckWaitTimeout: 5_000,
      on: {
        connected: () => (this.connections += 1),
        ping: (received) => {
          if (!received) this.#overdue = setTimeout(() => this.#client.terminate(), PING_MS * 3);
        },
        pong: () => clearTimeout(this.#overdue),
        closed: () => clearTimeout(this.#overdue),
      },
    });
    const after = (): string | null => this.after;
    const variables = {
      filter: tag === undefined ? null : { tags: [tag] },
      maxRate,
      // Read for each connection, when the client sends the operation again.
      get after() {
        return after();
      },
    };
    this.#client.subscribe<{ tasks: Message }>(
      { query: WATCH, variables },
      {
        next: ({ data, errors }) => {
          if (data) this.take(data.tasks);
          else this.failures.push(errors);
        },
        error: (error) => {
          this.failures.push(error);
          this.#ended.resolve();
        },
        complete: () => this.#ended.resolve(),
      },
    );
  }

  /** Completes the subscription and closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    // It may be about to connect to a server that is gone: then there is nothing to close.
    await Promise.resolve(this.#client.dispose()).catch(() => undefined);
    clearTimeout(this.#overdue);
    await this.#ended.promise;
  }
}

/** The server sends a comment every 12 s. */
const SILENCE_MS = 15_000;

/** A client of Server-Sent Events, as `EventSource` does it: it goes on after the last `id`. */
export class EventSubscriber extends Subscriber {
  readonly #leave = new AbortController();
  readonly #ended: Promise<void>;

  constructor(options: SubscriberOptions) {
    super();
    this.#ended = this.#run(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.#ended;
  }

  async #run(options: SubscriberOptions): Promise<void> {
    while (!this.#leave.signal.aborted) {
      // A connection that ends, in whatever way, is followed by another.
      await this.#read(options).catch(() => undefined);
      await sleep(20 + Math.random() * 80);
    }
  }

  async #read({ url, tag, maxRate = 1_000 }: SubscriberOptions): Promise<void> {
    const filter = tag === undefined ? null : { tags: [tag] };
    const silent = new AbortController();
    // From the request on: a connection may be lost before the response, too.
    const watch = setTimeout(() => silent.abort(), SILENCE_MS);
    try {
      const response = await fetch(`${url()}/graphql/stream`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(this.after === null ? {} : { "last-event-id": this.after }),
        },
        body: JSON.stringify({ query: WATCH, variables: { filter, maxRate } }),
        signal: AbortSignal.any([this.#leave.signal, silent.signal]),
      });
      if (!response.ok) return;
      this.connections += 1;
      let text = "";
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        watch.refresh();
        const events = (text + chunk).split("\n\n");
        text = events.pop()!;
        for (const event of events) this.#receive(event);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  #receive(event: string): void {
    const id = /^id: (.*)$/m.exec(event)?.[1];
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    const payload = JSON.parse(data) as { readonly data?: { readonly tasks: Message } };
    if (payload.data && payload.data.tasks.cursor === id) this.take(payload.data.tasks);
    else this.failures.push(event);
  }
}
