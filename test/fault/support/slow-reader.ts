import { once } from "node:events";
import { WebSocket } from "ws";

/** A tag that makes messages large, and costs nobody much work. */
export const WIDE_TAG = "幅".repeat(128);

// The same over and over: the larger the messages, the sooner the buffers between the two processes
// are full. Each reader has other names for it: so none shares the work of another, and a crowd of
// them costs the server what a crowd can.
const greedy = (reader: number): string => `subscription {
  tasks(maxRate: 1000) {
    __typename
    ... on TaskUpdate { cursor ${Array.from({ length: 25 }, (_, copy) => `r${reader}c${copy}: task { tags }`).join(" ")} }
    ... on StreamLag { cursor skipped }
  }
}`;

/** A client that asks for everything and reads nothing, until it is told to. */
export class SlowReader implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #closed: Promise<unknown>;
  /**
   * What became of it, as it finds when it reads: the server gave it up, or tells it that events
   * were merged or dropped.
   */
  readonly #verdict: Promise<"cut off" | "told">;

  private constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const { promise, resolve } = Promise.withResolvers<"cut off" | "told">();
    this.#verdict = promise;
    this.#closed = once(this.#socket, "close").then(() => resolve("cut off"));
    this.#socket.on("error", () => undefined); // The close says enough.
    this.#socket.on("message", (data: Buffer) => {
      if (data.includes('"StreamLag"')) resolve("told");
    });
  }

  /** Resolves when it has asked, and stopped to read. */
  static async open(url: string, number: number): Promise<SlowReader> {
    const reader = new SlowReader(url);
    await once(reader.#socket, "open");
    reader.#send({ type: "connection_init" });
    await once(reader.#socket, "message");
    reader.#send({ id: "all", type: "subscribe", payload: { query: greedy(number) } });
    reader.#socket.pause();
    return reader;
  }

  /** Reads until it knows what became of it, and leaves. */
  async leave(): Promise<"cut off" | "told"> {
    this.#socket.resume();
    const verdict = await this.#verdict;
    await this[Symbol.asyncDispose]();
    return verdict;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.#closed;
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}
