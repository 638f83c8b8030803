import { toError } from "../lib/thrown.ts";
import { createConnection, type NetConnectOpts, Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { RedisOptions } from "ioredis";

import type { RedisTarget } from "./url.ts";

/**
 * Returns where to connect. Called before each attempt: after a failover the address is another
 * one.
 */
export type Finder = () => Promise<NetConnectOpts>;

export type Login = Pick<RedisTarget, "username" | "password" | "tls">;

/** How long a socket may take to close before it is destroyed. */
const CLOSE_MS = 2_000;

/** Returns the options that every ioredis client of this process has. */
export function clientOptions({ username, password, tls }: Login, find: Finder): RedisOptions {
  return {
    // Replies keep one shape, also behind proxies that do not know HELLO.
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
    // ioredis' own check needs INFO, and writes to stderr where INFO is forbidden. A Redis that is
    // loading its data replies LOADING.
    enableReadyCheck: false,
    ...credentials(username, password),
    ...(tls ? { tls } : {}),
    Connector: connectorTo(find, tls),
  };
}

/** With a password alone ioredis may write a warning to stderr. With a user as well it does not. */
function credentials(username: string | null, password: string | null): RedisOptions {
  if (password === null) return username === null ? {} : { username };
  return { username: username ?? "default", password };
}

/**
 * Returns a connector that opens a socket to where `find` points. Unlike the connectors of ioredis
 * it never rejects: ioredis ends a connection for good when its connector rejects. When `find`
 * fails the connector returns a destroyed socket, and ioredis tries again.
 */
function connectorTo(find: Finder, tls: ConnectionOptions | null): NonNullable<RedisOptions["Connector"]> {
  class FindingConnector {
    /** ioredis reports it when the socket is already destroyed. */
    firstError?: Error;
    #connecting = false;
    #socket: Socket | null = null;

    async connect(): Promise<Socket> {
      this.#connecting = true;
      delete this.firstError;
      try {
        const address = await find();
        // A disconnect while `find` was running is meant for this attempt.
        this.#socket = this.#connecting ? openSocket(address, tls) : destroyedSocket();
      } catch (error) {
        this.firstError = toError(error);
        this.#socket = destroyedSocket();
      }
      this.#socket.once("error", (error) => (this.firstError = error));
      return this.#socket;
    }

    disconnect(): void {
      this.#connecting = false;
      const socket = this.#socket;
      if (!socket || socket.destroyed) return;
      const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
      socket.once("close", () => clearTimeout(timer));
      socket.end();
    }

    check(): boolean {
      return true;
    }
  }
  return FindingConnector as unknown as NonNullable<RedisOptions["Connector"]>;
}

function openSocket(address: NetConnectOpts, tls: ConnectionOptions | null): Socket {
  return tls ? connectTls({ ...address, ...tls } as ConnectionOptions) : createConnection(address);
}

function destroyedSocket(): Socket {
  return new Socket().destroy();
}
