import type { Socket } from "node:net";
import { SECOND } from "../../lib/clock.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import type { Logger } from "../../lib/log.ts";
import type { ClientAddresses } from "./client-address.ts";
import { clientNetwork } from "./network.ts";
import { Quota, type QuotaLimits, type Release } from "./quota.ts";

export type ConnectionCounts = Pick<QuotaLimits, "total" | "perAddress">;

const LOG_EVERY_MS = 10 * SECOND;

/**
 * Bounds the HTTP connections of a server. A connection over a limit is closed before anything of it is
 * read. Those of a trusted proxy carry requests of many callers, and count in total only.
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

  /** Counts a new connection until it closes or becomes a WebSocket, or closes it. */
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

  /** The connection became a WebSocket, which has limits of its own. */
  upgraded(socket: Socket): void {
    this.#held.get(socket)?.();
  }
}
