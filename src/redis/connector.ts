import { createConnection, type NetConnectOpts, Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { RedisOptions } from "ioredis";

import { toError } from "../errors.ts";

/** Finds out where a connection is to go. Asked at each connect: after a failover the answer is another one. */
export type Finder = () => Promise<NetConnectOpts>;

/** A socket that does not end by itself is destroyed after so long. */
const END_MS = 2_000;

/**
 * Opens sockets where `find` says. Unlike those of ioredis it never rejects: to ioredis a rejection is the end of the connection, for
 * ever. A place that cannot be found is a socket that failed, which is tried again.
 */
export function connectorTo(
  find: Finder,
  tls: ConnectionOptions | null,
): NonNullable<RedisOptions["Connector"]> {
  class FindingConnector {
    /** ioredis tells it when the socket that it got is dead already. */
    firstError?: Error;
    #connecting = false;
    #socket: Socket | null = null;

    async connect(): Promise<Socket> {
      this.#connecting = true;
      delete this.firstError;
      try {
        const place = await find();
        // A disconnect in between means this connect, too.
        this.#socket = this.#connecting ? open(place, tls) : deadSocket();
      } catch (error) {
        this.firstError = toError(error);
        this.#socket = deadSocket();
      }
      this.#socket.once("error", (error) => (this.firstError = error));
      return this.#socket;
    }

    disconnect(): void {
      this.#connecting = false;
      const socket = this.#socket;
      if (!socket || socket.destroyed) return;
      const timer = setTimeout(() => socket.destroy(), END_MS);
      socket.once("close", () => clearTimeout(timer));
      socket.end();
    }

    check(): boolean {
      return true;
    }
  }
  return FindingConnector as unknown as NonNullable<RedisOptions["Connector"]>;
}

function open(place: NetConnectOpts, tls: ConnectionOptions | null): Socket {
  return tls ? connectTls({ ...place, ...tls } as ConnectionOptions) : createConnection(place);
}

function deadSocket(): Socket {
  return new Socket().destroy();
}
