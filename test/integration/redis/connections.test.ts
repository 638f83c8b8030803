import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";

import { describe, expect, inject, onTestFinished, test } from "vitest";

import { StartError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { startRedis } from "../../support/servers/redis-server.ts";

const SECRET = "p#ss/w@rd%";

function connectionsTo(url: string): RedisConnections {
  const connections = new RedisConnections({ url, log: silentLogger });
  onTestFinished(() => connections.close());
  return connections;
}

/** Why connecting failed, and after how many milliseconds. */
async function refusal(url: string): Promise<{ error: StartError; ms: number }> {
  const startedAt = performance.now();
  const error = await connectionsTo(url)
    .connect()
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(StartError);
  expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
  return { error: error as StartError, ms: performance.now() - startedAt };
}

describe("the first connect", () => {
  test("works, once for all callers, also with a user, a password and a database", async () => {
    await using server = await startRedis({ args: ["--requirepass", SECRET] });
    const connections = connectionsTo(
      `redis://default:${encodeURIComponent(SECRET)}@127.0.0.1:${server.port}/3`,
    );
    await Promise.all([connections.connect(), connections.connect()]);
    await connections.run("key", (redis) => redis.set("key", "value"));
    expect(await connections.run("key", (redis) => redis.info("keyspace"))).toContain("db3:keys=1");
    expect(await connections.run("key", (redis) => redis.client("LIST"))).toContain("name=lovage:commands");
  });

  test("names the unreachable server and the reason, within 5 s", async () => {
    const port = await freePort();
    const { error, ms } = await refusal(`redis://:${encodeURIComponent(SECRET)}@127.0.0.1:${port}`);
    expect(error.message).toBe(
      `Cannot reach Redis at 127.0.0.1:${port} (ECONNREFUSED), tried 5 times. Start Redis there, or correct REDIS_URL.`,
    );
    expect(error.exitCode).toBe(69);
    expect(ms).toBeLessThan(5_000);
  });

  test("reports a name that does not exist, a server that never answers, and one that is not Redis", async () => {
    const silent = createServer((socket) => void socket.resume()).listen(0, "127.0.0.1");

    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await Promise.all([once(silent, "listening"), once(web, "listening")]);
    onTestFinished(() => void [silent.close(), web.close()]);
    const portOf = (server: typeof silent): number => (server.address() as AddressInfo).port;
    const found = await Promise.all([
      refusal("redis://no-such-host.invalid:7000"),
      refusal(`redis://127.0.0.1:${portOf(silent)}`),
      refusal(`redis://127.0.0.1:${portOf(web)}`),
    ]);
    for (const { error, ms } of found) {
      expect(error).toMatchObject({ exitCode: 69 });
      expect(ms).toBeLessThan(5_000);
    }
    expect(found[0].error.message).toContain("no-such-host.invalid:7000 (ENOTFOUND)");
    expect(found[2].error.message).toContain("the server there is not a Redis");
  });

  test("reports that the password was refused, or is missing, and never shows it", async () => {
    await using server = await startRedis({ args: ["--requirepass", "another"] });
    for (const user of ["", `:${encodeURIComponent(SECRET)}@`, `someone:${encodeURIComponent(SECRET)}@`]) {
      const { error, ms } = await refusal(`redis://${user}127.0.0.1:${server.port}`);
      expect(error.exitCode).toBe(77);
      expect(error.message).toMatch(
        /^Redis at 127\.0\.0\.1:\d+ denied access \((WRONGPASS|NOAUTH).*REDIS_URL/,
      );
      expect(ms).toBeLessThan(1_000);
    }
  });

  test("reports that the database does not exist, instead of using another", async () => {
    const url = new URL(inject("redisUrl"));
    url.pathname = "/999";
    const { error } = await refusal(url.href);
    expect(error).toMatchObject({ exitCode: 78 });
    expect(error.message).toContain("has no database 999");
  });

  test("may be tried again after it failed", async () => {
    const port = await freePort();
    const connections = connectionsTo(`redis://127.0.0.1:${port}`);
    await expect(connections.connect()).rejects.toThrow(StartError);
    await using server = await startRedis({ port });
    expect(server.port).toBe(port);
    await connections.connect();
    expect(await connections.run("key", (redis) => redis.ping())).toBe("PONG");
  });
});
