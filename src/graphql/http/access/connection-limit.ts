import type { Socket } from "node:net";
import { SECOND } from "../../../lib/clock.ts";
import { LogLimit } from "../../../lib/log/log-limit.ts";
import type { Logger } from "../../../lib/log/log.ts";
import type { ClientAddresses } from "./client-address.ts";
import { clientNetwork } from "../../../lib/net/network.ts";
import { Quota, type QuotaLimits, type Release } from "./quota.ts";

export type ConnectionCounts = Pick<QuotaLimits, "total" | "perAddress">;

const LOG_EVERY_MS = 10 * SECOND;

/**
 * Limits the HTTP connections of a server. A connection over a limit is closed before it is read.
 * Connections of a trusted proxy carry requests of many callers, so they count only in total.
 */
export class ConnectionLimit {
  readonly #quota: Quota;
  readonly #held = new WeakMap<Socket, Release>();
  readonly #refusals = new LogLimit(LOG_EVERY_MS);

  constructor(
    limits: ConnectionCounts,
    private readonly addresses: ClientAddresses,
    private readonly log: Logger,
  ) {
    this.#quota = new Quota({ ...limits, perToken: Infinity });
  }

  /**
   * Counts a new connection until it closes or becomes a WebSocket. Closes it if it is over a
   * limit.
   */
  add = (socket: Socket): void => {
    const peer = this.addresses.ofPeer(socket);
    const taken = this.#quota.take({
      total: "",
      ...(peer === null ? {} : { perAddress: clientNetwork(peer) }),
    });
    if (typeof taken === "function") {
      this.#held.set(socket, taken);
      socket.once("close", taken);
      return;
    }
    const { remoteAddress: address } = socket;
    socket.destroy();
    this.#refusals.pass((heldBack) =>
      this.log.warn("A connection was refused: LOVAGE_CONNECTION_LIMITS is reached", {
        address,
        ...taken,
        heldBack,
      }),
    );
  };

  /** Stops counting a connection that became a WebSocket, which has separate limits. */
  upgraded(socket: Socket): void {
    this.#held.get(socket)?.();
  }
}
