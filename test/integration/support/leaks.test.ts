import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { leaksOf, refuseLeaks, resourcesNow } from "../../support/leaks.ts";
import {
  databaseLeaks,
  freshDatabase,
  freshPrefix,
  redisLeaks,
} from "../../support/servers/global-servers.ts";

test("a server, a socket, a timer and a child process are named until they end", async () => {
  const before = resourcesNow();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const connected = once(socket, "connect");
  const [accepted] = (await once(server, "connection")) as [ReturnType<typeof connect>];
  await connected;
  const timer = setInterval(() => undefined, 60_000);
  const child = await startChild("sleep", ["60"]);
  expect(leaksOf(before)).toEqual(
    expect.arrayContaining([
      `a server that listens on 127.0.0.1:${port}`,
      `a socket from port ${socket.localPort} to 127.0.0.1:${port}`,
      `the process ${child.pid}: sleep 60`,
      "1 × Timeout",
    ]),
  );
  clearInterval(timer);
  for (const one of [socket, accepted]) one.destroy();
  server.close();
  await child[Symbol.asyncDispose]();
  await refuseLeaks([() => leaksOf(before)]);
});

test("a session of a database, the database and a connection to Redis are named until they end", async () => {
  const database = await freshDatabase();
  const redis = new Redis(inject("redisUrl"), { connectionName: `${freshPrefix()}:test` });
  onTestFinished(() => redis.disconnect());
  await redis.ping();
  const name = new URL(database.url).pathname.slice(1);
  expect(await databaseLeaks(inject("postgresUrl"))).toEqual([`the database ${name}`]);
  expect(await redisLeaks(inject("redisUrl"))).toEqual([
    expect.stringMatching(/^a connection to Redis: name=test-.*:test cmd=ping$/),
  ]);
  await database.drop();
  expect(await databaseLeaks(inject("postgresUrl"))).toEqual([]);
});

test("a resource that is closed in time is not a leak, and the message names all others", async () => {
  const leaving = ["one"];
  setTimeout(() => leaving.pop(), 50);
  await refuseLeaks([() => [...leaving], () => []]);
  await expect(refuseLeaks([() => ["two"], () => Promise.resolve(["three"])], 100)).rejects.toThrow(
    "This file leaves behind:\n  two\n  three",
  );
});
