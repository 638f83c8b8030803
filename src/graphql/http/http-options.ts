import type { GraphQLSchema } from "graphql";
import { SECOND } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { ReplyBudget } from "../reply-budget.ts";
import type { ConnectionCounts } from "./connection-limit.ts";
import type { QuotaLimits } from "./quota.ts";
import type { SocketCounts } from "./socket-places.ts";
import type { CostSettings } from "../cost/cost-limiter.ts";
import type { OperationScope } from "../../lib/operation-scope.ts";

export interface HttpServerOptions {
  readonly schema: GraphQLSchema;
  /**
   * Makes the context that resolvers get: a fresh one for each HTTP request and for each operation on a WebSocket.
   * `actor` is `"token"` for callers that showed the token, null where none is configured.
   */
  readonly createContext: (request: RequestInfo) => RequestInfo;
  /** Address or name to listen on. `localhost` means 127.0.0.1. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Bearer token that callers of the API must show; null for none (the caller makes sure that only loopback listens then). */
  readonly token: string | null;
  /** Names by which the server may be called, besides loopback names and its own host: `tasks.example.com` or, for one port only, `tasks.example.com:8443`. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may use the API, besides pages that this server itself serves: `https://admin.example.com`. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Hides what helps only developers: field suggestions, and, unless there is a token, introspection and GraphiQL. */
  readonly production: boolean;
  /** Folder of the built GraphiQL page (`index.html`, `assets/`, with `.br` files beside them); null when it was not built. */
  readonly graphiqlDir: string | null;
  readonly health: HealthChecks;
  readonly log: Logger;
  /** HTTP connections that may be open at once, besides WebSockets. */
  readonly connectionLimits: ConnectionCounts;
  /** WebSockets that may be open at once. */
  readonly socketLimits: SocketCounts;
  /** Subscriptions that may run at once. */
  readonly subscriptionLimits: QuotaLimits;
  /** What operations may cost. @default COST_SETTINGS */
  readonly cost?: CostSettings;
  /** Ends what an operation reads when nobody waits for it any more. @default one that nothing asks */
  readonly scope?: OperationScope;
  /** Bytes of one reply, or of one message of a subscription. */
  readonly maxReplyBytes: number;
  /** Limits to change; tests make them small. @default HTTP_LIMITS */
  readonly limits?: Partial<Omit<HttpLimits, "socket">> & { readonly socket?: Partial<SocketLimits> };
}

export interface RequestInfo {
  /** UUIDv7; the reply carries it as `x-request-id`, its errors as `extensions.requestId`. */
  readonly requestId: string;
  readonly actor: string | null;
  /** What the reply may cost. On a WebSocket each execution brings its own. @default none */
  readonly reply?: ReplyBudget;
}

export interface HealthChecks {
  /** Whether the process works at all. A throw counts as no. */
  live(): Promise<HealthReport>;
  /** Whether it can serve requests now. A throw counts as no. */
  ready(): Promise<HealthReport>;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

export interface HttpLimits {
  /** Bytes of a request's body. @default 1 MiB */
  readonly maxBodyBytes: number;
  /** Longest query or mutation, on HTTP and WebSocket; subscriptions have no end. @default 10 s */
  readonly operationTimeoutMs: number;
  /** Longest health check; a longer one counts as failed. @default 5 s */
  readonly healthTimeoutMs: number;
  /** How long `stop` waits for requests under way and for closing handshakes before it cuts connections. @default 1.5 s */
  readonly drainMs: number;
  /** A connection whose peer has read nothing of what waits for so long is cut off. @default 30 s */
  readonly stuckAfterMs: number;
  /** Replies of the largest size that are made or wait to be read at once, in bytes; further ones are refused. @default 8 */
  readonly maxLargeReplies: number;
  readonly socket: SocketLimits;
}

export interface SocketLimits {
  /** Time from the upgrade to `connection_init`; then the socket is closed with 4408. @default 3 s */
  readonly initTimeoutMs: number;
  /** Pause between pings; a peer that misses one is cut off before the next. @default 12 s */
  readonly pingEveryMs: number;
  /** Bytes of one message. Bigger ones close the socket with 1009. @default 256 KiB */
  readonly maxMessageBytes: number;
  /** How long a peer may take to answer the server's close frame; then its connection is cut. @default 2 s */
  readonly closeTimeoutMs: number;
  /** Operations under way on one socket; a further one gets an error, the others go on. @default 50 */
  readonly maxOperations: number;
  /** Messages that a client may send at once, and gets back at `messagesPerSecond`; more close the socket with 1008. @default 200 */
  readonly messageBurst: number;
  /** @default 50 */
  readonly messagesPerSecond: number;
  /** Unsent bytes when there is more to send; a slower reader is closed with 1013 (try again later). @default 8 MiB */
  readonly maxBufferedBytes: number;
  /** The same while the memory for replies is used up. @default 64 KiB */
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
