import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type Server } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import { Interval } from "../../lib/interval.ts";
import type { Logger } from "../../lib/log.ts";
import type { Service } from "../../lib/service.ts";
import { newId } from "../../lib/uuid.ts";
import { type Authenticator, socketAuthorization } from "./auth.ts";
import { GRAPHQL_PATH } from "./graphql-route.ts";
import type { HostPolicy } from "./host-check.ts";
import { HttpRefusal } from "./refusal.ts";
import { refuseOnSocket } from "./raw-reply.ts";
import { connect } from "./socket-connection.ts";
import { socketHooks, type Connection, type OperationParts } from "./socket-operations.ts";

export interface WebSocketParts extends OperationParts {
  readonly authenticator: Authenticator;
  readonly hosts: HostPolicy;
  readonly log: Logger;
}

const GOING_AWAY = 1001;
// A reason of a close frame has at most 123 bytes.
const NO_VALID_TOKEN =
  'Forbidden: send connection_init with {"authorization":"Bearer <token>"} and a valid token';
const SUPPORTED_VERSION = { "sec-websocket-version": "13" };

/** The WebSocket side of `/graphql`: upgrades, keeps alive, and closes sockets. */
export class WebSocketEndpoint implements Service {
  readonly #server: WebSocketServer;
  readonly #protocol: Server<Connection>;
  readonly #pings: Interval;
  /** Sockets that were not let in yet. */
  readonly #pending = new Set<WebSocket>();
  /** Sockets that have not answered the latest ping. */
  readonly #silent = new WeakSet<WebSocket>();

  constructor(private readonly parts: WebSocketParts) {
    const { socket: limits } = parts.limits;
    this.#protocol = makeServer(socketHooks(parts));
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxMessageBytes,
      // Costs memory for each socket, and lets small messages become big ones.
      perMessageDeflate: false,
      // Without a common subprotocol the socket opens all the same, so that graphql-ws can say 4406.
      handleProtocols: (offers) =>
        offers.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    this.#server.on("headers", (headers) => headers.push(`x-request-id: ${newId()}`));
    // Otherwise ws answers a broken handshake with a page of HTML.
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

  /** Closes every socket with 1001, and cuts off those that do not answer in `drainMs`. */
  stop = async (): Promise<void> => {
    await this.#pings.stop();
    // From here on it refuses upgrades.
    this.#server.close();
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

  /** Answers a request for an upgrade. */
  handleUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const requestId = newId();
    stream.on("error", () => stream.destroy());
    try {
      this.#check(request);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      this.parts.log.debug("Upgrade refused.", { requestId, status: error.status, reason: error.message });
      refuseOnSocket(stream, error, requestId);
      return;
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, request));
  };

  /** One round of pings. A peer that let the previous one go unanswered is cut off. */
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

  #check({ url = "/", headers }: IncomingMessage): void {
    const { hosts, limits } = this.parts;
    hosts.checkHost(headers);
    if (url.split("?", 1)[0] !== GRAPHQL_PATH) {
      throw new HttpRefusal(404, "NOT_FOUND", `There is no WebSocket here; it is at ${GRAPHQL_PATH}.`);
    }
    if (headers.upgrade?.toLowerCase() !== "websocket") {
      throw new HttpRefusal(400, "BAD_REQUEST", "The only upgrade here is to websocket.");
    }
    hosts.checkOrigin(headers);
    if (this.#pending.size >= limits.socket.maxPending) {
      const message = `${this.#pending.size} sockets wait for their connection_init; try again in a few seconds.`;
      throw new HttpRefusal(503, "SERVICE_UNAVAILABLE", message, { "retry-after": "3" });
    }
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    this.#pending.add(socket);
    socket.once("close", () => this.#pending.delete(socket));
    socket.on("pong", () => this.#silent.delete(socket));
    const connection: Connection = {
      actor: null,
      requestIds: new Map(),
      admit: (payload) => {
        const caller = this.parts.authenticator.login(
          socketAuthorization(payload, request.headers.authorization),
          { transport: "WebSocket", address: request.socket.remoteAddress ?? "", requestId: newId() },
        );
        if (caller) {
          connection.actor = caller.actor;
          this.#pending.delete(socket);
        } else {
          socket.close(CloseCode.Forbidden, NO_VALID_TOKEN);
        }
        return caller !== null;
      },
    };
    const { limits, log } = this.parts;
    connect({ socket, connection, server: this.#protocol, limits: limits.socket, log });
  }
}
