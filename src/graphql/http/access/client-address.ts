import type { IncomingMessage } from "node:http";
import { BlockList, isIP, type Socket } from "node:net";
import { parseNetwork, plainAddress } from "../../../lib/net/network.ts";

/** Determines the address of a request's client. */
export class ClientAddresses {
  readonly #proxies = new BlockList();

  /** @param trustedProxies addresses and ranges whose `X-Forwarded-For` is trusted */
  constructor(trustedProxies: readonly string[]) {
    for (const text of trustedProxies) {
      const network = parseNetwork(text);
      if (network) this.#proxies.addSubnet(network.address, network.prefix, network.family);
    }
  }

  /**
   * Returns the address of the peer. Behind trusted proxies it is the last address of
   * `X-Forwarded-For` that is not one of theirs: the client itself may have written the addresses
   * before.
   */
  of({ socket, headers }: Pick<IncomingMessage, "socket" | "headers">): string {
    let address = plainAddress(socket.remoteAddress ?? "");
    const forwarded = headers["x-forwarded-for"];
    const hops = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? "")).split(",");
    while (hops.length > 0 && this.#isProxy(address)) {
      const hop = withoutPort(hops.pop()!.trim());
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  /** Returns the address of a connection's peer, or null for a trusted proxy. */
  ofPeer({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string | null {
    const address = plainAddress(remoteAddress);
    return this.#isProxy(address) ? null : address;
  }

  #isProxy(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#proxies.check(address, version === 4 ? "ipv4" : "ipv6");
  }
}

/** Some proxies write `192.0.2.1:51234` or `[2001:db8::1]:51234`. */
function withoutPort(hop: string): string {
  const [, bracketed, ipv4] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(hop) ?? [];
  return plainAddress(bracketed ?? ipv4 ?? hop);
}
