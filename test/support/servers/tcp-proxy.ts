import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface ProxyTarget {
  /** @default "127.0.0.1" */
  readonly host?: string;
  readonly port: number;
}

/**
 * What happens to bytes and to new connections.
 *
 * - `pass`: everything goes through.
 * - `blackHole`: as a host that vanished: connections are taken, and nothing ever comes back, no
 *   FIN and no RST.
 * - `halfOpen`: connections of before are in the black hole; new ones pass. As after the failover
 *   of a host.
 * - `reset`: connections are reset, new ones at once.
 */
export type ProxyMode = "pass" | "blackHole" | "halfOpen" | "reset";

/**
 * Starts a TCP proxy on a free port of 127.0.0.1 in this process: it stands between a client and a
 * server that should not notice.
 */
export async function startTcpProxy(target: ProxyTarget): Promise<TcpProxy> {
  const proxy = new TcpProxy(target);
  await proxy.listen();
  return proxy;
}

type Order = <Item>(items: readonly Item[]) => Item[];

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Nothing goes through any more, ever. */
  lost: boolean;
}

export class TcpProxy implements AsyncDisposable {
  #target: Required<ProxyTarget>;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = "pass";
  /** Each way takes so long, in milliseconds. */
  latencyMs = 0;
  /** Connections that were ever made. */
  accepted = 0;

  constructor(target: ProxyTarget) {
    this.#target = { host: "127.0.0.1", ...target };
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#take(client));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Connections that are open on the client's side. */
  get connections(): number {
    return this.#pairs.size;
  }

  /**
   * New connections lead there from now on; those of before stay where they are. As after a
   * switchover.
   */
  leadTo(target: ProxyTarget): void {
    this.#target = { host: "127.0.0.1", ...target };
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  /**
   * Leaving `blackHole` or `halfOpen` does not heal the connections that were in it: what was lost
   * is lost.
   */
  setMode(mode: ProxyMode): void {
    this.#mode = mode;
    if (mode === "blackHole" || mode === "halfOpen") for (const pair of this.#pairs) pair.lost = true;
    if (mode === "reset") this.resetAll();
  }

  /** Resets all connections of now. */
  resetAll(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Resets some of the connections of now, the oldest first. */
  resetSome(count: number): void {
    for (const { client, server } of [...this.#pairs].slice(0, count)) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /**
   * Puts some of the connections of now, the first in `order` (default: the oldest), into the black
   * hole; returns how many that were.
   */
  loseSome(count: number, order: Order = (all) => [...all]): number {
    const some = order([...this.#pairs].filter((pair) => !pair.lost)).slice(0, count);
    for (const pair of some) pair.lost = true;
    return some.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await closed;
  }

  #take(client: Socket): void {
    this.accepted += 1;
    if (this.#mode === "reset") return void client.resetAndDestroy();
    const server = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const pair: Pair = { client, server, lost: this.#mode === "blackHole" };
    this.#pairs.add(pair);
    this.#pipe(pair, client, server);
    this.#pipe(pair, server, client);
    client.on("close", () => {
      this.#pairs.delete(pair);
      server.destroy();
    });
    server.on("close", () => {
      if (!pair.lost) client.destroy();
    });
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
  }

  #pipe(pair: Pair, from: Socket, to: Socket): void {
    const pass = (act: () => void): void => {
      if (pair.lost) return;
      if (this.latencyMs > 0) setTimeout(() => !pair.lost && act(), this.latencyMs);
      else act();
    };
    from.on("data", (bytes) => pass(() => void (to.writable && to.write(bytes))));
    from.on("end", () => pass(() => to.end()));
  }
}
