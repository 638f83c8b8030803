import type { FastifyInstance } from "fastify";
import { OperationScope } from "../../lib/operation-scope.ts";
import type { Service } from "../../lib/async/service.ts";
import { bindAddress, listenError, urlOf } from "./listen-address.ts";
import { CostLimiter } from "../cost/cost-limiter.ts";
import { Apollo } from "./requests/apollo.ts";
import { Authenticator } from "./access/auth.ts";
import { ClientAddresses } from "./access/client-address.ts";
import { ConnectionLimit } from "./access/connection-limit.ts";
import { warnOfTrustedDocuments } from "./documents/check-trusted.ts";
import { Documents } from "./documents/documents.ts";
import { createErrorFormatter } from "./errors/format-error.ts";
import { HostPolicy } from "./access/host-check.ts";
import { HTTP_LIMITS, type HttpLimits } from "./access/http-limits.ts";
import type { HttpServerOptions } from "./server-options.ts";
import { ReplyMemory } from "./operations/reply-budget.ts";
import { Replies } from "./operations/replies.ts";
import { GRAPHQL_PATH } from "./requests/graphql-route.ts";
import { Operations } from "./operations/operations.ts";
import { createRoutes } from "./routes.ts";
import { WebSocketEndpoint } from "./socket/websocket.ts";
import { UnquotedValues } from "./errors/unquoted-values.ts";
import { WriteWatch } from "./write-watch.ts";

interface Running {
  readonly fastify: FastifyInstance;
  readonly apollo: Apollo;
  readonly sockets: WebSocketEndpoint;
  readonly writes: WriteWatch;
  readonly url: string;
}

/** Serves the API over HTTP and WebSocket, GraphiQL, and the health checks, on one port. */
export class HttpServer implements Service {
  #running: Running | null = null;
  #stopping: Promise<void> | null = null;
  readonly #limits: HttpLimits;

  constructor(private readonly options: HttpServerOptions) {
    const { limits } = options;
    this.#limits = { ...HTTP_LIMITS, ...limits, socket: { ...HTTP_LIMITS.socket, ...limits?.socket } };
  }

  /** The URL of the server, for example `http://127.0.0.1:4000`. Null while it does not run. */
  get url(): string | null {
    return this.#running?.url ?? null;
  }

  /**
   * Starts to listen.
   *
   * @throws StartError if the port or the address is not available
   */
  start = async (): Promise<void> => {
    if (this.#running) return;
    const { log, maxReplyBytes } = this.options;
    const { stuckAfterMs, maxLargeReplies } = this.#limits;
    const writes = new WriteWatch({ stuckAfterMs, log });
    const memory = new ReplyMemory(maxLargeReplies * maxReplyBytes, writes.cutSlowest);
    const parts = this.#makeParts(new Replies(maxReplyBytes, memory));
    const { socketLimits } = this.options;
    const sockets = new WebSocketEndpoint({ ...parts, path: GRAPHQL_PATH, socketLimits });
    const fastify = await createRoutes({
      ...parts,
      health: this.options.health,
      page: { dir: this.options.graphiqlDir, refusal: pageRefusal(this.options) },
    });
    fastify.server.on("connection", parts.connections.add);
    fastify.server.on("connection", writes.add);
    fastify.server.on("upgrade", sockets.handleUpgrade);
    await parts.apollo.start();
    await sockets.start();
    await writes.start();
    const running = { fastify, sockets, writes, apollo: parts.apollo };
    try {
      await fastify.listen({ host: bindAddress(this.options.host), port: this.options.port });
    } catch (error) {
      await this.#release(running);
      throw listenError(error, this.options);
    }
    this.#running = { ...running, url: urlOf(fastify.server, this.options.host) };
  };

  /** Closes sockets with 1001 and waits for requests in progress, at most `drainMs`. */
  stop = async (): Promise<void> => {
    if (this.#running) {
      this.#stopping = this.#release(this.#running);
      this.#running = null;
    }
    await this.#stopping;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Returns the parts that both transports share. */
  #makeParts(replies: Replies) {
    const { schema, createContext, log, production, token } = this.options;
    const { scope = new OperationScope() } = this.options;
    const addresses = new ClientAddresses(this.options.trustedProxies);
    const introspection = !production || token !== null;
    const formatError = createErrorFormatter({
      log,
      hideSuggestions: production,
      values: new UnquotedValues(schema),
    });
    const costs = new CostLimiter(schema, this.options.cost);
    const documents = new Documents(schema, { introspection });
    const { subscriptionLimits, trustedDocuments: trusted = null } = this.options;
    if (trusted) warnOfTrustedDocuments(trusted.byHash, documents, log);
    return {
      operations: new Operations({
        schema,
        documents,
        trusted,
        costs,
        formatError,
        subscriptionLimits,
        replies,
        createContext,
      }),
      createContext,
      scope,
      log,
      replies,
      limits: this.#limits,
      authenticator: new Authenticator(token, log),
      hosts: new HostPolicy(this.options),
      addresses,
      connections: new ConnectionLimit(this.options.connectionLimits, addresses, log),
      documents,
      trusted,
      apollo: new Apollo({ schema, production, introspection, costs, formatError, replies, log }),
    };
  }

  async #release({ fastify, apollo, sockets, writes }: Omit<Running, "url">): Promise<void> {
    const cutOff = setTimeout(() => fastify.server.closeAllConnections(), this.#limits.drainMs);
    // Sockets keep the port busy, so both end at the same time. Requests in progress still need
    // Apollo.
    await Promise.all([sockets.stop(), fastify.close()]);
    clearTimeout(cutOff);
    await writes.stop();
    await apollo.stop();
  }
}

/** Returns the reason why GraphiQL is not served, or null if it is. */
function pageRefusal({ production, token }: HttpServerOptions): string | null {
  if (!production || token !== null) return null;
  return "GraphiQL is off in production without a token; set LOVAGE_TOKEN.";
}
