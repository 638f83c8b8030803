import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { RedisBroker } from "../../../src/broker/redis/broker.ts";
import { silentLogger as log } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis-server.ts";

let server: RedisServer;
/** A second client of the same Redis. */
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

async function openBroker(): Promise<RedisBroker> {
  const connections = new RedisConnections({ url: server.url, log });
  onTestFinished(() => connections.close());
  const broker = new RedisBroker({ connections, prefix: "app", log });
  await broker.connect();
  return broker;
}

test("reports which Redis it is", async () => {
  const broker = await openBroker();
  expect(await broker.health()).toEqual({
    kind: "redis",
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    evictionPolicy: "noeviction",
    denied: null,
  });
});

test("a probe of health costs a few commands, and finds a right that was lost", async () => {
  const broker = await openBroker();
  const commandsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const count = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await redis.info("stats"))![1]);
    const before = await count();
    await work();
    // One of them is the first count itself.
    return (await count()) - before - 1;
  };
  expect(await commandsOf(() => broker.health())).toBeLessThanOrEqual(3);
  await redis.call("ACL", "SETUSER", "default", "-xack");
  try {
    const later = performance.now() + 11_000;
    vi.spyOn(performance, "now").mockReturnValue(later);
    expect(await broker.health()).toMatchObject({
      denied: { what: expect.stringContaining("XACK") as string },
    });
    // A check that found something is done again.
    await redis.call("ACL", "SETUSER", "default", "+xack");
    expect(await broker.health()).toMatchObject({ denied: null });
  } finally {
    vi.restoreAllMocks();
    await redis.call("ACL", "SETUSER", "default", "+@all");
  }
});
