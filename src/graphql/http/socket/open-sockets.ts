import type { WebSocket } from "ws";
import { type Exceeded, Quota, type QuotaLimits, type Release } from "../access/quota.ts";

export interface SocketCounts extends QuotaLimits {
  /** Maximum number of sockets of one address before their connection_init. */
  readonly pendingPerAddress: number;
  /** That one address may open, once it has opened `perAddress` of them. */
  readonly opensPerSecond: number;
}

interface OpenSocket {
  readonly address: string;
  /** Its share of the quota. */
  readonly held: Release[];
}

/**
 * Open WebSockets, within their limits. A silent socket costs its peer nothing, so silent sockets
 * never keep others out: if there is no room, the socket that has waited longest for its
 * connection_init is closed. It is one of the same address, unless the whole server is full.
 */
export class OpenSockets {
  readonly #quota: Quota;
  /** Pending sockets, oldest first. */
  readonly #pending = new Map<WebSocket, OpenSocket>();
  readonly #pendingByAddress = new Map<string, Set<WebSocket>>();
  readonly #open = new WeakMap<WebSocket, OpenSocket>();

  constructor(
    private readonly limits: SocketCounts,
    /** Closes a socket to make room. */
    private readonly evict: (socket: WebSocket) => void,
  ) {
    this.#quota = new Quota(limits);
  }

  /**
   * Makes room for one more socket of an address. Returns the reached limit if sockets in use fill
   * it.
   */
  makeRoom(address: string): Exceeded | null {
    const ofAddress = (): WebSocket | undefined => first(this.#pendingByAddress.get(address) ?? []);
    if ((this.#pendingByAddress.get(address)?.size ?? 0) >= this.limits.pendingPerAddress) {
      this.#end(ofAddress()!);
    }
    for (;;) {
      const exceeded = this.#quota.exceededBy({ total: "", perAddress: address });
      if (!exceeded) return null;
      const oldest = exceeded.scope === "perAddress" ? ofAddress() : first(this.#pending.keys());
      if (!oldest) return exceeded;
      this.#end(oldest);
    }
  }

  /** Counts a new socket until it closes. {@link makeRoom} must have made room for it. */
  add(socket: WebSocket, address: string): void {
    const taken = this.#quota.take({ total: "", perAddress: address });
    const opened: OpenSocket = { address, held: typeof taken === "function" ? [taken] : [] };
    this.#open.set(socket, opened);
    this.#pending.set(socket, opened);
    const siblings = this.#pendingByAddress.get(address) ?? new Set();
    this.#pendingByAddress.set(address, siblings.add(socket));
    socket.once("close", () => this.#leave(socket));
  }

  /** Counts a socket's token after its connection_init. Returns the limit if it was reached. */
  admit(socket: WebSocket, token: string | null): Exceeded | null {
    this.#settle(socket);
    if (token === null) return null;
    const taken = this.#quota.take({ perToken: token });
    if (typeof taken !== "function") return taken;
    this.#open.get(socket)?.held.push(taken);
    return null;
  }

  /** Frees its room at once: the peer may answer the close frame late or never. */
  #end(socket: WebSocket): void {
    this.#leave(socket);
    this.evict(socket);
  }

  #leave(socket: WebSocket): void {
    this.#settle(socket);
    for (const release of this.#open.get(socket)?.held ?? []) release();
  }

  #settle(socket: WebSocket): void {
    const opened = this.#pending.get(socket);
    if (!opened) return;
    this.#pending.delete(socket);
    const siblings = this.#pendingByAddress.get(opened.address);
    siblings?.delete(socket);
    if (siblings?.size === 0) this.#pendingByAddress.delete(opened.address);
  }
}

function first<Item>(items: Iterable<Item>): Item | undefined {
  for (const item of items) return item;
  return undefined;
}
