import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections (Linux from 32768, macOS from 49152): a
// client that reconnects to a stopped server could otherwise be given that very port and keep the
// server from coming back.
const LOWEST = 20_000;
const HIGHEST = 32_767;
const TRIES = 100;

/**
 * A TCP port of 127.0.0.1 on which nobody listens now. It is not reserved: listen on it soon.
 * Rejects when no free port was found in 100 tries.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await canListen(port)) return port;
  }
  throw new Error(
    `No free port on 127.0.0.1 between ${LOWEST} and ${HIGHEST} in ${TRIES} tries: stop what listens there.`,
  );
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
