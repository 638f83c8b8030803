import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type Server } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import { Interval } from "../../../lib/async/interval.ts";
import { Lru } from "../../../lib/lru.ts";
import type { Logger } from "../../../lib/log/log.ts";
import type { Service } from "../../../lib/async/service.ts";
import { clientNetwork } from "../../../lib/net/network.ts";
import { TokenBucket } from "../../../lib/async/token-bucket.ts";
import { newId } from "../../../lib/uuid.ts";
import { type Authenticator, socketAuthorization } from "../access/auth.ts";
import type { ClientAddresses } from "../access/client-address.ts";
import type { ConnectionLimit } from "../access/connection-limit.ts";
import type { HostPolicy } from "../access/host-check.ts";
import { type Exceeded, quotaMessage } from "../access/quota.ts";
import { HttpRefusal } from "../errors/refusal.ts";
import { refuseOnSocket } from "../access/raw-reply.ts";
import { connect, TRY_AGAIN_LATER } from "./socket-connection.ts";
import { socketHooks, type Connection, type SocketOperationParts } from "./socket-operations.ts";
import { type SocketCounts, OpenSockets } from "./open-sockets.ts";

export interface WebSocketParts extends SocketOperationParts {
  /** The path of the WebSocket. */
  readonly path: string;
  readonly authenticator: Authenticator;
  readonly addresses: ClientAddresses;
  readonly hosts: HostPolicy;
  readonly connections: Pick<ConnectionLimit, "upgraded">;
  readonly socketLimits: SocketCounts;
  readonly log: Logger;
}

const GOING_AWAY = 1001;
// The reason of a close frame has at most 123 bytes.
const NO_VALID_TOKEN =
  'Forbidden: connection_init needs {"authorization":"Bearer <token>"} with a valid token';
const EVICTED = "Too many sockets wait for their connection_init; this one had waited longest";
/** Maximum number of addresses whose rate is remembered. */
const PACED_ADDRESSES = 10_000;
/**
 * Delay of the reply to a client that opens WebSockets too fast. An immediate reply would only
 * cause an earlier retry.
 */
const TOO_FAST_DELAY_MS = 1_000;
const SUPPORTED_VERSION = { "sec-websocket-version": "13" };

/** The WebSockets of `/graphql`: upgrades connections, pings sockets, and closes them. */
export class WebSocketEndpoint implements Service {
  readonly #server: WebSocketServer;
  readonly #protocol: Server<Connection>;
  readonly #pings: Interval;
  readonly #open: OpenSockets;
  /** By address. */
  readonly #paces = new Lru<string, TokenBucket>({ max: PACED_ADDRESSES });
  /** Connections that opened WebSockets too fast and have no reply yet. */
  readonly #delayed = new Set<Duplex>();
  /** Sockets that have not answered the latest ping. */
  readonly #silent = new WeakSet<WebSocket>();

  constructor(private readonly parts: WebSocketParts) {
    const { socket: limits } = parts.limits;
    this.#protocol = makeServer(socketHooks(parts));
    this.#open = new OpenSockets(parts.socketLimits, (socket) => socket.close(TRY_AGAIN_LATER, EVICTED));
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxMessageBytes,
      // Compression costs memory for each socket, and small messages could become large ones.
      perMessageDeflate: false,
      // Limits how long peers that do not answer a close frame keep their connection. (The types
      // lack the option.)
      ...({ closeTimeout: limits.closeTimeoutMs } as object),
      // Without a common subprotocol the socket opens nevertheless, so that graphql-ws can close it
      // with 4406.
      handleProtocols: (offers) =>
        offers.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    this.#server.on("headers", (headers) => headers.push(`x-request-id: ${newId()}`));
    // Otherwise ws replies to a broken handshake with HTML.
    this.#server.on("wsClientError", (error, stream) =>
      refuseOnSocket(
        stream,
        new HttpRefusal(400, "BAD_REQUEST", `${error.message}.`, SUPPORTED_VERSION),
        newId(),
      ),
    );
    this.#pings = new Interval(async () => this.ping(), {
      name: "pings",
      everyMs: limits.pingEveryMs,
      onError: (error) => parts.log.error("Pinging WebSockets failed.", { err: error }),
    });
  }

  start = (): Promise<void> => this.#pings.start();

  /** Closes every socket with 1001, and terminates sockets that do not answer within `drainMs`. */
  stop = async (): Promise<void> => {
    await this.#pings.stop();
    // From now on, upgrades are refused.
    this.#server.close();
    for (const stream of this.#delayed) stream.destroy();
    const sockets = [...this.#server.clients];
    const allClosed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
    for (const socket of sockets) socket.close(GOING_AWAY, "The server is stopping");
    const cutOff = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, this.parts.limits.drainMs);
    await allClosed;
    clearTimeout(cutOff);
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Replies to an upgrade request. */
  handleUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const requestId = newId();
    stream.on("error", () => stream.destroy());
    try {
      this.#check(request);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      this.parts.log.debug("Upgrade refused.", { requestId, status: error.status, reason: error.message });
      if (error instanceof TooFast) this.#refuseLater(stream, error, requestId);
      else refuseOnSocket(stream, error, requestId);
      return;
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, request));
  };

  /** Sends a round of pings. A peer that did not answer the previous one is terminated. */
  ping(): void {
    for (const socket of this.#server.clients) {
      if (this.#silent.has(socket)) {
        socket.terminate();
      } else if (socket.readyState === socket.OPEN) {
        this.#silent.add(socket);
        socket.ping();
      }
    }
  }

  #refuseLater(stream: Duplex, refusal: HttpRefusal, requestId: string): void {
    const timer = setTimeout(() => refuseOnSocket(stream, refusal, requestId), TOO_FAST_DELAY_MS);
    this.#delayed.add(stream);
    stream.once("close", () => {
      clearTimeout(timer);
      this.#delayed.delete(stream);
    });
  }

  #check(request: IncomingMessage): void {
    const { hosts, addresses, path } = this.parts;
    const { url = "/", headers } = request;
    hosts.checkHost(headers);
    if (url.split("?", 1)[0] !== path) {
      throw new HttpRefusal(404, "NOT_FOUND", `There is no WebSocket here; it is at ${path}.`);
    }
    if (headers.upgrade?.toLowerCase() !== "websocket") {
      throw new HttpRefusal(400, "BAD_REQUEST", "The only upgrade here is to websocket.");
    }
    hosts.checkOrigin(headers);
    const network = clientNetwork(addresses.of(request));
    const { perAddress, opensPerSecond } = this.parts.socketLimits;
    const pace = this.#paces.getOrMake(
      network,
      () => new TokenBucket({ perSecond: opensPerSecond, burst: perAddress }),
    );
    if (!pace.take()) throw new TooFast(opensPerSecond);
    const exceeded = this.#open.makeRoom(network);
    if (exceeded) throw tooManySockets(exceeded);
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const address = this.parts.addresses.of(request);
    const network = clientNetwork(address);
    this.#open.add(socket, network);
    this.parts.connections.upgraded(request.socket);
    socket.on("pong", () => this.#silent.delete(socket));
    const connection: Connection = {
      actor: null,
      network,
      requestIds: new Map(),
      running: new Set(),
      largeData: new Map(),
      admit: (payload) => {
        const caller = this.parts.authenticator.login(
          socketAuthorization(payload, request.headers.authorization),
          { transport: "WebSocket", address, requestId: newId() },
        );
        if (!caller) return close(socket, CloseCode.Forbidden, NO_VALID_TOKEN);
        const exceeded = this.#open.admit(socket, caller.actor);
        if (exceeded) return close(socket, TRY_AGAIN_LATER, tokenReason(exceeded));
        connection.actor = caller.actor;
        return true;
      },
    };
    const { limits, replies, log } = this.parts;
    const { memory } = replies;
    connect({ socket, connection, server: this.#protocol, limits: limits.socket, memory, log });
  }
}

function close(socket: WebSocket, code: number, reason: string): false {
  socket.close(code, reason);
  return false;
}

class TooFast extends HttpRefusal {
  constructor(limit: number) {
    const message = `WebSockets are opened faster than ${limit} per second, which is the limit for each address. Keep them open, or raise LOVAGE_SOCKET_LIMITS (opensPerSecond).`;
    super(429, "SOCKET_LIMIT", message, { "retry-after": "3" });
  }
}

function tooManySockets(exceeded: Exceeded): HttpRefusal {
  const message = quotaMessage("WebSockets", "LOVAGE_SOCKET_LIMITS", exceeded);
  const status = exceeded.scope === "total" ? 503 : 429;
  return new HttpRefusal(status, "SOCKET_LIMIT", message, { "retry-after": "3" });
}

function tokenReason({ limit }: Exceeded): string {
  return `${limit} WebSockets with this token are open, which is the limit; close some`;
}
