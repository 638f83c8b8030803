import { once } from "node:events";
import { WebSocket, type ClientOptions } from "ws";

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of graphql-transport-ws that sends what it is told to, right or wrong. */
export class SocketClient implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly closed: Promise<Closed>;
  #seen = 0;
  #wake = (): void => undefined;

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()));
      this.#wake();
    });
    // A cut connection is an error and a close; the close says enough.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message that was not read yet. */
  async next(): Promise<Message> {
    while (this.messages.length === this.#seen) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.messages[this.#seen++]!;
  }

  async init(payload?: unknown): Promise<Message> {
    this.send({ type: "connection_init", ...(payload === undefined ? {} : { payload }) });
    return this.next();
  }

  subscribe(id: string, query: string, rest: object = {}): void {
    this.send({ type: "subscribe", id, payload: { query, ...rest } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}

/** Opens a socket to /graphql of a server; rejects with the status when the upgrade is refused. */
export async function openSocket(
  url: string,
  options: ClientOptions & { readonly protocol?: string; readonly path?: string } = {},
): Promise<SocketClient> {
  const { protocol = "graphql-transport-ws", path = "/graphql", ...rest } = options;
  const socket = new WebSocket(url.replace("http", "ws") + path, protocol, rest);
  const client = new SocketClient(socket);
  await once(socket, "open");
  return client;
}
