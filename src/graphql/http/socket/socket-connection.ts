import { TokenBucket } from "../../../lib/async/token-bucket.ts";
import { CloseCode, type Server } from "graphql-ws";
import { WebSocket } from "ws";
import type { Logger } from "../../../lib/log/log.ts";
import type { ReplyMemory } from "../operations/reply-budget.ts";
import type { SocketLimits } from "../access/http-limits.ts";
import { UNEXPECTED } from "../errors/refusal.ts";
import { abortCompleted, type Connection } from "./socket-operations.ts";

export interface ConnectOptions {
  readonly socket: WebSocket;
  readonly server: Server<Connection>;
  readonly connection: Connection;
  readonly limits: SocketLimits;
  /** Counts the bytes that wait to be read. */
  readonly memory: ReplyMemory;
  readonly log: Logger;
}

// RFC 6455: the peer broke a rule that has no specific code.
const POLICY_VIOLATION = 1008;
// IANA: Try Again Later. After 4500, clients of graphql-ws would not connect again.
export const TRY_AGAIN_LATER = 1013;

/**
 * Connects a socket to graphql-ws: limits incoming and unsent messages, and ends the socket's
 * operations with it.
 */
export function connect(options: ConnectOptions): void {
  const { socket, server, connection, limits, log } = options;
  const budget = new TokenBucket({ perSecond: limits.messagesPerSecond, burst: limits.messageBurst });
  // After violations of the WebSocket protocol, ws closes the socket itself with the right code.
  socket.on("error", (error) => log.debug("A WebSocket failed.", { reason: error.message }));
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) => send(options, fillIn(text, connection.largeData)),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on("message", (data) => {
          if (socket.readyState !== WebSocket.OPEN) return;
          if (!budget.take()) {
            const reason = `Over ${limits.messagesPerSecond} messages per second; send less, or use HTTP`;
            socket.close(POLICY_VIOLATION, reason);
            return;
          }
          // By default, ws passes messages as Buffers.
          handle((data as Buffer).toString()).catch((error: unknown) => closeAfter(error, socket, log));
          abortCompleted(connection);
        }),
    },
    connection,
  );
  socket.once("close", (code, reason) => {
    closed(code, String(reason)).catch((error: unknown) =>
      log.error("Ending the operations of a closed WebSocket failed.", { err: error }),
    );
  });
}

/**
 * Resolves when the message has left this process, so that the next event of a subscription is not
 * read before. Never rejects.
 */
function send({ socket, limits, memory }: ConnectOptions, message: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== WebSocket.OPEN) return resolve();
    const most = memory.isFull ? limits.maxBufferedWhenFull : limits.maxBufferedBytes;
    if (socket.bufferedAmount > most) {
      closeSlowReader(socket, most);
      return resolve();
    }
    const bytes = Buffer.byteLength(message);
    memory.add(bytes);
    // A failed send means a closed socket. The close event does the rest.
    socket.send(message, { binary: false }, () => {
      memory.release(bytes);
      resolve();
    });
  });
}

/** Returns a message in which the placeholder is replaced with the data. */
function fillIn(text: string, largeData: Map<string, Buffer>): string | Buffer {
  for (const [name, data] of largeData) {
    const [before, after] = text.split(`"${name}"`);
    if (after === undefined) continue;
    largeData.delete(name);
    return Buffer.concat([Buffer.from(before!), data, Buffer.from(after)]);
  }
  return text;
}

function closeSlowReader(socket: WebSocket, maxBufferedBytes: number): void {
  const reason = `Too slow: over ${maxBufferedBytes} bytes wait to be read; subscribe again from the last cursor`;
  // The peer has `closeTimeoutMs` to read the sent messages and the reason.
  socket.close(TRY_AGAIN_LATER, reason);
}

function closeAfter(error: unknown, socket: WebSocket, log: Logger): void {
  const message = error instanceof Error ? error.message : "";
  // graphql-ws throws this for messages that only servers send.
  if (message.startsWith("Unexpected message of type")) {
    socket.close(CloseCode.BadRequest, "Invalid message received");
    return;
  }
  log.error("A WebSocket message failed unexpectedly.", { err: error });
  socket.close(CloseCode.InternalServerError, UNEXPECTED.message);
}
