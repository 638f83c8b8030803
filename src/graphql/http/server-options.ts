import type { GraphQLSchema } from "graphql";
import type { Logger } from "../../lib/log/log.ts";
import type { HttpLimits, SocketLimits } from "./access/http-limits.ts";
import type { RequestInfo } from "./operations/replies.ts";
import type { ConnectionCounts } from "./access/connection-limit.ts";
import type { QuotaLimits } from "./access/quota.ts";
import type { SocketCounts } from "./socket/open-sockets.ts";
import type { TrustedDocuments } from "./documents/trusted-documents.ts";
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
  /** The only documents that are executed. @default null, which allows all */
  readonly trustedDocuments?: TrustedDocuments | null;
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
