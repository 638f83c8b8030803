import { isIP } from "node:net";

/** A range of IP addresses, such as 10.0.0.0/8. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/** Reads an address or a range in CIDR notation, or returns null. */
export function parseNetwork(text: string): Network | null {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return null;
  const bits = version === 4 ? 32 : 128;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)) return null;
  return { address, prefix: Number(prefix ?? bits), family: version === 4 ? "ipv4" : "ipv6" };
}

/** Returns an address in its usual form. An IPv4 address of an IPv6 socket becomes plain IPv4. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/**
 * Returns the key by which clients are counted: an IPv4 address, or the /64 of an IPv6 address. A
 * host gets at least a /64, so a limit for each of its 2^64 addresses would not limit it.
 */
export function clientNetwork(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [left = "", right] = plain.split("%", 1)[0]!.split("::");
  const leading = groupsOf(left);
  const trailing = groupsOf(right ?? "");
  const zeros = right === undefined ? 0 : Math.max(0, 8 - leading.length - trailing.length);
  const groups = [...leading, ...Array.from({ length: zeros }, () => "0"), ...trailing];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
