import { SECOND } from "../../../lib/clock.ts";

export interface HttpLimits {
  /** Maximum bytes of a request's body. @default 1 MiB */
  readonly maxBodyBytes: number;
  /** Maximum duration of a query or mutation. Subscriptions are not limited. @default 10 s */
  readonly operationTimeoutMs: number;
  /** Maximum duration of a health check, after which it counts as failed. @default 5 s */
  readonly healthTimeoutMs: number;
  /**
   * Time that `stop` waits for requests in progress and closing handshakes before it terminates
   * connections.
   * @default 1.5 s
   */
  readonly drainMs: number;
  /**
   * A connection is terminated if its peer has not read waiting bytes for this long. @default 30 s
   */
  readonly stuckAfterMs: number;
  /**
   * Maximum total size of replies in memory, as a number of replies of the largest size. Further
   * ones are refused.
   * @default 8
   */
  readonly maxLargeReplies: number;
  readonly socket: SocketLimits;
}

export interface SocketLimits {
  /**
   * Time from the upgrade to `connection_init`, after which the socket is closed with 4408.
   * @default 3 s
   */
  readonly initTimeoutMs: number;
  /** Time between pings. A peer that misses one is terminated before the next. @default 12 s */
  readonly pingEveryMs: number;
  /** Maximum bytes of one message. Larger ones close the socket with 1009. @default 256 KiB */
  readonly maxMessageBytes: number;
  /**
   * Time in which a peer must answer the server's close frame, after which its connection is
   * terminated.
   * @default 2 s
   */
  readonly closeTimeoutMs: number;
  /**
   * Maximum number of running operations on one socket. A further one gets an error. @default 50
   */
  readonly maxOperations: number;
  /**
   * Burst of messages that a client may send, refilled at `messagesPerSecond`. More messages close
   * the socket with 1008.
   * @default 200
   */
  readonly messageBurst: number;
  /** @default 50 */
  readonly messagesPerSecond: number;
  /** Maximum unsent bytes. A slower reader is closed with 1013 (try again later). @default 8 MiB */
  readonly maxBufferedBytes: number;
  /** Maximum unsent bytes while the memory for replies is full. @default 64 KiB */
  readonly maxBufferedWhenFull: number;
}

export const HTTP_LIMITS = {
  maxBodyBytes: 1024 * 1024,
  operationTimeoutMs: 10 * SECOND,
  healthTimeoutMs: 5 * SECOND,
  drainMs: 1.5 * SECOND,
  stuckAfterMs: 30 * SECOND,
  maxLargeReplies: 8,
  socket: {
    initTimeoutMs: 3 * SECOND,
    pingEveryMs: 12 * SECOND,
    maxMessageBytes: 256 * 1024,
    closeTimeoutMs: 2 * SECOND,
    maxOperations: 50,
    messageBurst: 200,
    messagesPerSecond: 50,
    maxBufferedBytes: 8 * 1024 * 1024,
    maxBufferedWhenFull: 64 * 1024,
  },
} as const satisfies HttpLimits;
