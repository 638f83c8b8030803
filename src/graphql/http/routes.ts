import type { IncomingMessage } from "node:http";
import {
  fastify as createFastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { SECOND } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { IdSource } from "../../lib/uuid.ts";
import { negotiate } from "./requests/accept.ts";
import { addGraphQLRoute, type GraphQLRouteParts } from "./requests/graphql-route.ts";
import { addHealthRoutes } from "./health-route.ts";
import type { HealthChecks } from "./server-options.ts";
import { refuseOnSocket } from "./access/raw-reply.ts";
import { errorBody, HttpRefusal, UNEXPECTED } from "./errors/refusal.ts";
import { API_HEADERS } from "./access/security-headers.ts";
import { addStaticPage, type StaticPageOptions } from "./static-page.ts";

export interface RoutesOptions extends GraphQLRouteParts {
  readonly health: HealthChecks;
  readonly page: StaticPageOptions;
  readonly log: Logger;
}

/** Returns the server of plain HTTP, which is not listening yet. */
export async function createRoutes(options: RoutesOptions): Promise<FastifyInstance> {
  const { log } = options;
  const ids = new IdSource();
  const fastify = createFastify({
    logger: false,
    trustProxy: false,
    genReqId: () => ids.next(),
    requestIdHeader: false,
    // While it stops, requests in progress on open connections are served. Apollo stops after them.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    requestTimeout: 30 * SECOND,
    keepAliveTimeout: 65 * SECOND,
    http: httpOptions,
    clientErrorHandler: (error, socket) => refuseOnSocket(socket, asBrokenRequest(error), ids.next()),
    frameworkErrors: (error, request, reply) => void fail(error, request, reply as FastifyReply, log),
  });
  // The only route with bodies reads them itself.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _payload, done) => done(null));
  fastify.addHook("onRequest", async (request, reply) => {
    // Fastify's own clock runs only with its own logger.
    const began = performance.now();
    // Also emitted when the client left before the reply.
    reply.raw.once("close", () => logRequest(request, reply, performance.now() - began, log));
    void reply.headers(API_HEADERS).header("x-request-id", request.id);
    options.hosts.checkHost(request.headers);
  });
  fastify.setErrorHandler((error, request, reply) => fail(error, request, reply, log));
  addGraphQLRoute(fastify, options);
  addHealthRoutes(fastify, {
    health: options.health,
    authenticator: options.authenticator,
    timeoutMs: options.limits.healthTimeoutMs,
    log,
  });
  await addStaticPage(fastify, options.page);
  fastify.setNotFoundHandler((request) => {
    throw notFound(fastify, request);
  });
  return fastify;
}

const httpOptions = {
  headersTimeout: 10 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
  // Node's own reply to a missing Host has no body. Ours has one.
  requireHostHeader: false,
  // Clients that offer HTTP/2 with "Upgrade: h2c" expect a plain reply.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
};

const METHODS = ["GET", "HEAD", "POST"] as const;

/** Returns 405 if the path exists for other methods, else 404. */
function notFound(fastify: FastifyInstance, { method, url }: FastifyRequest): HttpRefusal {
  const allowed = METHODS.filter(
    (candidate) => fastify.findRoute({ method: candidate, url: pathOf(url) }) !== null,
  );
  if (allowed.length > 0) {
    const allow = allowed.join(", ");
    return new HttpRefusal(405, "METHOD_NOT_ALLOWED", `${method} is not allowed here; use ${allow}.`, {
      allow,
    });
  }
  return new HttpRefusal(404, "NOT_FOUND", "There is nothing at this path; the API is at /graphql.");
}

function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const refusal = asRefusal(thrown);
  if (!refusal) log.error("A request failed unexpectedly.", { requestId: request.id, err: thrown });
  void reply.headers({ ...API_HEADERS, ...refusal?.headers, "x-request-id": request.id });
  // Clients such as Apollo Client read the error of a refused request only in this type.
  const type = negotiate(request.headers.accept) ?? "application/json";
  return reply
    .code(refusal?.status ?? 500)
    .type(`${type}; charset=utf-8`)
    .send(errorBody(refusal ?? UNEXPECTED, request.id));
}

function asRefusal(thrown: unknown): HttpRefusal | null {
  if (thrown instanceof HttpRefusal) return thrown;
  const { statusCode, code, message } = thrown as FastifyError;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "Use content-type application/json.");
  }
  if (statusCode === 404) return new HttpRefusal(404, "NOT_FOUND", "There is nothing at this path.");
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null;
  return new HttpRefusal(statusCode, "BAD_REQUEST", `${message}.`);
}

function asBrokenRequest(error: Error & { code?: string }): HttpRefusal {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    return new HttpRefusal(
      431,
      "HEADERS_TOO_LARGE",
      "The headers are over 16 KiB; send long queries by POST.",
    );
  }
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new HttpRefusal(408, "REQUEST_TIMEOUT", "The request did not arrive in time.");
  }
  return new HttpRefusal(400, "BAD_REQUEST", "The request is not valid HTTP.");
}

function logRequest(
  { id, method, url }: FastifyRequest,
  reply: FastifyReply,
  elapsedMs: number,
  log: Logger,
): void {
  const status = reply.raw.writableFinished ? reply.statusCode : null;
  const ms = Math.round(elapsedMs * 10) / 10;
  const message = status === null ? "Request abandoned by its client" : "Request";
  log.debug(message, { requestId: id, method, path: pathOf(url), status, ms });
}

/** Returns the path without the query string, which may contain variables. */
function pathOf(url: string): string {
  return url.split("?", 1)[0]!;
}
