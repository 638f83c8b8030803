import type { GraphQLSchema } from "graphql";
import { SECOND } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { ReplyBudget } from "../reply-budget.ts";
import type { ConnectionCounts } from "./connection-limit.ts";
import type { QuotaLimits } from "./quota.ts";
import type { SocketCounts } from "./socket-places.ts";
import type { CostSettings } from "../cost/cost-limiter.ts";
import type { OperationScope } from "../../lib/operation-scope.ts";

export interface HttpServerOptions {
  readonly schema: GraphQLSchema;
  /**
   * Creates the context of resolvers, for each HTTP request and each operation on a WebSocket.
   * `actor` is `"token"` for callers with the token, and null if none is configured.
   */
  readonly createContext: (request: RequestInfo) => RequestInfo;
  /** Address or name to listen on. `localhost` means 127.0.0.1. */
  readonly host: string;
  /** Port to listen on. 0 selects a free port. */
  readonly port: number;
  /**
   * Bearer token that callers of the API must send. Null for none: then the caller of this must
   * listen on loopback only.
   */
  readonly token: string | null;
  /**
   * Additional names of the server, besides loopback names and its own host: `tasks.example.com`
   * or, for one port only, `tasks.example.com:8443`.
   */
  readonly allowedHosts: readonly string[];
  /**
   * Origins whose pages may use the API, besides pages that this server itself serves:
   * `https://admin.example.com`.
   */
  readonly allowedOrigins: readonly string[];
  /** Addresses and ranges of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  /**
   * Disables features for developers: field suggestions and, without a token, introspection and
   * GraphiQL.
   */
  readonly production: boolean;
  /**
   * Folder of the built GraphiQL page (`index.html`, `assets/`, with `.br` files beside them). Null
   * if it was not built.
   */
  readonly graphiqlDir: string | null;
  readonly health: HealthChecks;
  readonly log: Logger;
  /** Maximum number of open HTTP connections, besides WebSockets. */
  readonly connectionLimits: ConnectionCounts;
  /** Maximum number of open WebSockets. */
  readonly socketLimits: SocketCounts;
  /** Maximum number of running subscriptions. */
  readonly subscriptionLimits: QuotaLimits;
  /** Cost limits of operations. @default COST_SETTINGS */
  readonly cost?: CostSettings;
  /**
   * Cancels the reads of an operation when nobody waits for it anymore.
   * @default a scope that nothing uses
   */
  readonly scope?: OperationScope;
  /** Maximum bytes of one reply, or of one message of a subscription. */
  readonly maxReplyBytes: number;
  /** Limits to change; tests make them small. @default HTTP_LIMITS */
  readonly limits?: Partial<Omit<HttpLimits, "socket">> & { readonly socket?: Partial<SocketLimits> };
}

export interface RequestInfo {
  /** UUIDv7; the reply carries it as `x-request-id`, its errors as `extensions.requestId`. */
  readonly requestId: string;
  readonly actor: string | null;
  /** The budget of the reply. On a WebSocket each execution has a separate one. @default none */
  readonly reply?: ReplyBudget;
}

export interface HealthChecks {
  /** Whether the process is alive. An exception counts as no. */
  live(): Promise<HealthReport>;
  /** Whether the process can serve requests now. An exception counts as no. */
  ready(): Promise<HealthReport>;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

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
