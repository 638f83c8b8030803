import { HeaderMap } from "@apollo/server";
import { getOperationAST, GraphQLError, OperationTypeNode, type DocumentNode } from "graphql";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { acceptsEvents, GRAPHQL_RESPONSE, negotiate, wantsPage, type ResponseType } from "./accept.ts";
import type { Apollo, ApolloReply } from "./apollo.ts";
import type { Authenticator } from "../access/auth.ts";
import type { ClientAddresses } from "../access/client-address.ts";
import type { OperationScope } from "../../../lib/operation-scope.ts";
import { runOperation, timeoutMessage } from "../operations/deadline.ts";
import type { Documents } from "../documents/documents.ts";
import { paramsFromBody, paramsFromSearch, type GraphQLParams } from "../documents/graphql-params.ts";
import type { TrustedDocuments } from "../documents/trusted-documents.ts";
import type { HostPolicy } from "../access/host-check.ts";
import type { HttpLimits } from "../access/http-limits.ts";
import type { RequestInfo } from "../operations/replies.ts";
import { clientNetwork } from "../../../lib/net/network.ts";
import { sendCompressed } from "./compression.ts";
import { asEvents, EVENT_STREAM, EventStreams, type EventStreamParts } from "./event-stream.ts";
import { HttpRefusal, type HttpRefusalCode } from "../errors/refusal.ts";
import { readJsonBody } from "./request-body.ts";

export interface GraphQLRouteParts extends Omit<EventStreamParts, "pingEveryMs"> {
  readonly apollo: Apollo;
  readonly documents: Documents;
  readonly trusted: TrustedDocuments | null;
  readonly authenticator: Authenticator;
  readonly addresses: ClientAddresses;
  readonly hosts: HostPolicy;
  readonly limits: HttpLimits;
  readonly scope: OperationScope;
  readonly createContext: (request: RequestInfo) => object;
}

export const GRAPHQL_PATH = "/graphql";
/** Always replies with events, also to clients that accept anything. */
const STREAM_PATH = "/graphql/stream";

/**
 * The routes `/graphql` and `/graphql/stream`: our own checks, from cheap to expensive, then Apollo
 * for queries and mutations, and a stream of events for subscriptions.
 */
export function addGraphQLRoute(fastify: FastifyInstance, parts: GraphQLRouteParts): void {
  const { hosts, limits } = parts;
  const streams = new EventStreams({ ...parts, pingEveryMs: limits.socket.pingEveryMs });
  fastify.addHook("preClose", async () => streams.stop());
  for (const url of [GRAPHQL_PATH, STREAM_PATH]) {
    fastify.route({
      method: ["GET", "POST"],
      url,
      exposeHeadRoute: false,
      onRequest: async (request, reply) => {
        // A link from another site only redirects.
        if (isVisit(request)) return;
        hosts.checkOrigin(request.headers);
        shareWithOrigin(hosts, request, reply);
      },
      handler: (request, reply) => answer(parts, streams, request, reply),
    });
    fastify.options(url, async (request, reply) => answerPreflight(hosts, request, reply));
  }
}

function answerPreflight(hosts: HostPolicy, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  hosts.checkOrigin(request.headers);
  shareWithOrigin(hosts, request, reply);
  const { origin } = request.headers;
  if (origin !== undefined && hosts.isAllowedOrigin(origin)) {
    void reply.headers({
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": headersToAllow(request.headers["access-control-request-headers"]),
      "access-control-max-age": PREFLIGHT_SECONDS,
      vary: "origin, access-control-request-headers",
    });
  }
  return reply.code(204).header("allow", "GET, POST").send();
}

async function answer(
  route: GraphQLRouteParts,
  streams: EventStreams,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isVisit(request)) return reply.redirect("/graphiql", 302);
  const address = route.addresses.of(request.raw);
  const { actor } = route.authenticator.authenticate(request.headers.authorization, {
    transport: "HTTP",
    address,
    requestId: request.id,
  });
  const onlyEvents = request.url.startsWith(STREAM_PATH);
  const events = onlyEvents || acceptsEvents(request.headers.accept);
  const type = onlyEvents ? null : negotiate(request.headers.accept);
  if (!type && !events) throw notAcceptable();
  const params = withDocument(route.trusted, await readParams(request, route.limits.maxBodyBytes));
  const operation = checkDocument(route.documents, params, { method: request.method, events });
  const caller: RequestCaller = { actor, network: clientNetwork(address) };
  if (operation === OperationTypeNode.SUBSCRIPTION) return subscribe(streams, params, caller, request, reply);
  const { head, body } = await execute(
    route,
    params,
    { ...caller, type: type ?? GRAPHQL_RESPONSE },
    request,
    reply,
  );
  // Clients of event streams see a refusal by its status.
  if (type || (head.status ?? 200) >= 400) return send(request, reply, { head, body });
  return reply.type(EVENT_STREAM).send(asEvents(body));
}

interface RequestCaller {
  readonly actor: string | null;
  /** The client address by which limits count. */
  readonly network: string;
}

async function subscribe(
  streams: EventStreams,
  params: GraphQLParams,
  subscriber: RequestCaller,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const lastEventId = request.headers["last-event-id"];
  const { query = "" } = params;
  const info = { requestId: request.id, actor: subscriber.actor };
  const refusal = await streams.start(
    {
      params: { ...params, query },
      info,
      subscriber,
      lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId,
    },
    reply,
  );
  if (!refusal) return reply;
  return reply.code(refusal.status).type("application/json; charset=utf-8").send(refusal.body);
}

/** Executes a query or mutation. */
function execute(
  route: GraphQLRouteParts,
  params: GraphQLParams,
  { actor, network, type }: RequestCaller & { readonly type: ResponseType },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ApolloReply> {
  const budget = route.replies.open();
  // The budget stays open until the client has read the reply or left.
  reply.raw.once("close", () => budget.close());
  const ended = endedWith(reply);
  const info = { requestId: request.id, actor, reply: budget };
  const timeoutMs = route.limits.operationTimeoutMs;
  return runOperation(
    { scope: route.scope, ended, timeoutMs },
    () =>
      route.apollo.execute(
        apolloRequest(request, type, params),
        { requestId: request.id, reply: budget, network, ended: ended.signal },
        () => route.createContext(info),
      ),
    () => {
      throw new HttpRefusal(504, "TIMEOUT", timeoutMessage(timeoutMs));
    },
  ).catch(throwRefusal);
}

/** Returns a signal that is aborted if the client leaves before it has the whole reply. */
function endedWith({ raw }: FastifyReply): AbortController {
  const ended = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) ended.abort();
  });
  return ended;
}

/** Whether a person opened the API's address in a browser. */
function isVisit(request: FastifyRequest): boolean {
  return request.method === "GET" && !request.url.includes("?") && wantsPage(request.headers.accept);
}

/**
 * Headers that pages of listed origins may send: those of common clients, proxies and tracers. A
 * preflight is answered with the ones that it names.
 */
const ALLOWED_HEADERS: readonly string[] = [
  "accept",
  "apollo-require-preflight",
  "apollographql-client-name",
  "apollographql-client-version",
  "authorization",
  "baggage",
  "cache-control",
  "content-type",
  "graphql-client-name",
  "graphql-client-version",
  "graphql-require-preflight",
  "last-event-id",
  "traceparent",
  "tracestate",
  "x-apollo-operation-id",
  "x-apollo-operation-name",
  "x-apollo-operation-type",
  "x-requested-with",
];
/** Browsers keep the answer to a preflight for at most two hours. */
const PREFLIGHT_SECONDS = 7_200;

function headersToAllow(requested: string | undefined): string {
  if (requested === undefined) return ALLOWED_HEADERS.join(", ");
  const names = requested.split(",").map((name) => name.trim().toLowerCase());
  return ALLOWED_HEADERS.filter((name) => names.includes(name)).join(", ");
}

/** Lets pages of a listed origin read the reply. Requests of other pages were refused before. */
function shareWithOrigin(hosts: HostPolicy, request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  if (origin === undefined || !hosts.isAllowedOrigin(origin)) return;
  void reply.headers({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "x-request-id, retry-after",
    vary: "origin",
  });
}

async function readParams(request: FastifyRequest, maxBodyBytes: number): Promise<GraphQLParams> {
  if (request.method === "POST") return paramsFromBody(await readJsonBody(request.raw, maxBodyBytes));
  const query = request.url.indexOf("?");
  return paramsFromSearch(new URLSearchParams(query === -1 ? "" : request.url.slice(query)));
}

/**
 * Returns the parameters with the document that they name.
 * @throws HttpRefusal for a document that is not trusted
 */
function withDocument(trusted: TrustedDocuments | null, params: GraphQLParams): GraphQLParams {
  if (trusted)
    return { ...params, query: trusted.textOf(params), documentId: undefined, extensions: undefined };
  if (params.query !== undefined || params.documentId === undefined) return params;
  const message =
    "documentId: this server has no trusted documents. Send the query, or start the server with --trusted-documents.";
  throw new HttpRefusal(400, "BAD_REQUEST", message);
}

/**
 * Refuses documents over the limits, and operations that this request cannot run, before Apollo
 * validates or runs them. Returns the kind of operation. Apollo reports wrong syntax.
 */
function checkDocument(
  documents: Documents,
  { query, operationName }: GraphQLParams,
  { method, events }: { readonly method: string; readonly events: boolean },
): OperationTypeNode | undefined {
  const document = query === undefined ? null : readDocument(documents, query);
  const operation = document && getOperationAST(document, operationName)?.operation;
  if (operation === OperationTypeNode.SUBSCRIPTION && !events) {
    const message =
      "Subscriptions need a WebSocket to this address with the subprotocol graphql-transport-ws, or Accept: text/event-stream.";
    throw new HttpRefusal(400, "BAD_REQUEST", message);
  }
  if (operation === OperationTypeNode.MUTATION && method === "GET") throw onlyPost("Mutations need POST.");
  if (operation === OperationTypeNode.SUBSCRIPTION && method === "GET" && documents.enqueues(document!))
    throw onlyPost("Subscriptions that enqueue a task need POST.");
  return operation ?? undefined;
}

function readDocument(documents: Documents, query: string): DocumentNode | null {
  let read: ReturnType<Documents["read"]>;
  try {
    read = documents.read(query);
  } catch {
    return null;
  }
  if ("code" in read) throw new HttpRefusal(400, read.code, read.message);
  return read;
}

function apolloRequest(request: FastifyRequest, accept: ResponseType, params: GraphQLParams) {
  const headers = new HeaderMap([
    ["accept", accept],
    ["content-type", "application/json"],
  ]);
  const { documentId: _documentId, ...sent } = params;
  const { method } = request;
  // Apollo reads the parameters of a GET from its query string, and those of a POST from its body.
  return { method, headers, search: method === "GET" ? searchOf(sent) : "", body: withoutUndefined(sent) };
}

/** Returns the parameters as the query string of a GET. */
function searchOf(params: object): string {
  const pairs = Object.entries(params).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : JSON.stringify(value)]],
  );
  return `?${new URLSearchParams(pairs).toString()}`;
}

/** Removes undefined values, which Apollo would refuse. */
function withoutUndefined(params: object): object {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { head, body }: ApolloReply,
): Promise<FastifyReply> {
  for (const [name, value] of head.headers) void reply.header(name, value);
  return sendCompressed(request, reply.code(head.status ?? 200), body);
}

/** Converts the error of a refused reply to an HTTP refusal. */
function throwRefusal(error: unknown): never {
  if (!(error instanceof GraphQLError) || error.extensions.http === undefined) throw error;
  const { code, http, ...extensions } = error.extensions;
  const { status, headers } = http as { status: number; headers?: ReadonlyMap<string, string> };
  throw new HttpRefusal(
    status,
    code as HttpRefusalCode,
    error.message,
    Object.fromEntries(headers ?? []),
    extensions,
  );
}

function onlyPost(message: string): HttpRefusal {
  return new HttpRefusal(405, "METHOD_NOT_ALLOWED", message, { allow: "POST" });
}

function notAcceptable(): HttpRefusal {
  const message = "Accept application/graphql-response+json, application/json or text/event-stream.";
  return new HttpRefusal(406, "NOT_ACCEPTABLE", message);
}
