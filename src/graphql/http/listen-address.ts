import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, isIP, type AddressInfo } from "node:net";
import { StartError } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the address to bind for a configured host. `localhost` could be either loopback address:
 * here it is 127.0.0.1.
 */
export function bindAddress(host: string): string {
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
}

/**
 * Checks that listening will succeed. Without it the failure would come after a new embedded
 * database, which takes seconds.
 *
 * @throws StartError if the port or the address is not available
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

/** Returns the URL of a listening server, for people on this machine. */
export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${reachable(host)}:${port}`;
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** Converts an error of listening to one with a remedy. */
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
        `HOST: expected an address of this machine, got ${host}. Set HOST to 127.0.0.1 or 0.0.0.0.`,
        78,
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}
