import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, isIP, type AddressInfo } from "node:net";
import { StartError, toError } from "../../errors.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What to bind for a configured host. `localhost` would be either loopback address, as the system likes: it is 127.0.0.1. */
export function bindAddress(host: string): string {
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
}

/**
 * Fails at once where listening would fail later: between the two, a new embedded database is made for seconds.
 *
 * @throws StartError when the port or the address can't be had
 */
export async function probeAddress({ host, port }: Address): Promise<void> {
  const server = createServer();
  try {
    const listening = once(server, "listening");
    server.listen(port, bindAddress(host));
    await listening;
  } catch (error) {
    throw listenError(error, { host, port });
  } finally {
    server.close();
  }
}

/** The URL of a listening server, for people on this machine. */
export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${reachable(host)}:${port}`;
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** Why a server could not listen, in words that say what to do. */
export function listenError(thrown: unknown, { host, port }: Address): Error {
  const error = toError(thrown);
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return new StartError(`Port ${port} is taken by another process; set PORT.`, 69, { cause: error });
    case "EACCES":
      return new StartError(`Port ${port} is closed to this user; set PORT to one above 1023.`, 77, {
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartError(
        `HOST ${host} is no address of this machine; set HOST to 127.0.0.1 or 0.0.0.0.`,
        78,
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}
