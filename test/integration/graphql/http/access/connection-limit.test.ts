import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer, type TestServer } from "../test-server.ts";

/**
 * A connection, when the server has answered a request on it; null when the server closed it
 * instead.
 */
async function open({ port }: TestServer): Promise<Socket | null> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined); // A closed connection that had something to say.
  socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const isOpen = await Promise.race([
    once(socket, "data").then(() => true),
    once(socket, "close").then(() => false),
  ]);
  return isOpen ? socket : null;
}

test("an address has so many HTTP connections; WebSockets do not count, and one that closes makes room", async () => {
  await using server = await startServer({ connectionLimits: { total: 50, perAddress: 2 } });
  const sockets = [await openSocket(server.url), await openSocket(server.url), await openSocket(server.url)];
  const [first, second] = [await open(server), await open(server)];
  expect([first, second]).not.toContain(null);
  expect(await open(server)).toBeNull();
  expect(await open(server)).toBeNull();
  expect(server.logs.filter(({ level }) => level === "warn")).toEqual([
    {
      level: "warn",
      message: "A connection was refused: LOVAGE_CONNECTION_LIMITS is reached",
      fields: { address: "127.0.0.1", scope: "perAddress", limit: 2, heldBack: 0 },
    },
  ]);
  first!.destroy();
  await vi.waitFor(async () => expect(await open(server)).not.toBeNull());
  for (const socket of sockets) await socket[Symbol.asyncDispose]();
});

test("connections of a trusted proxy count in total only", async () => {
  await using server = await startServer({
    trustedProxies: ["127.0.0.0/8"],
    connectionLimits: { total: 3, perAddress: 1 },
  });
  for (let i = 0; i < 3; i += 1) expect(await open(server)).not.toBeNull();
  expect(await open(server)).toBeNull();
});
