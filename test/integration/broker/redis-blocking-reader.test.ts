import type { Redis } from "ioredis";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { BlockingReader } from "../../../src/broker/redis/blocking-reader.ts";
import { queueKeys } from "../../../src/broker/redis/keys.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { startTcpProxy, type TcpProxy } from "../../support/servers/tcp-proxy.ts";

const LONG_MS = 60_000;

function connectionsTo(url: string): RedisConnections {
  const connections = new RedisConnections({ url, log: silentLogger });
  onTestFinished(() => connections.close());
  return connections;
}

/** A connection for blocking reads that was lost and made again into a silence, behind a proxy. */
async function fallenSilent(): Promise<{ proxy: TcpProxy; redis: Redis }> {
  const proxy = await startTcpProxy({ port: Number(new URL(inject("redisUrl")).port) });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const redis = connectionsTo(`redis://127.0.0.1:${proxy.port}`).blocking("test", "key", LONG_MS);
  await redis.ping();
  proxy.setMode("blackHole");
  proxy.resetAll();
  await vi.waitFor(() => expect(redis.status).toBe("connect"));
  return { proxy, redis };
}

test("a connection that was made into a silence is left for a new one soon, not only when a read would be overdue", async () => {
  const { proxy, redis } = await fallenSilent();
  proxy.setMode("pass");
  await vi.waitFor(() => expect(redis.status).toBe("ready"), { timeout: 8_000 });
  expect(await redis.ping()).toBe("PONG");
});

test("a read does not wait for a connection that is away, so that its caller can read over another one", async () => {
  const { proxy, redis } = await fallenSilent();
  const direct = connectionsTo(inject("redisUrl"));
  await direct.connect();
  const [keys, task, came] = [queueKeys(freshPrefix(), "mail"), newId(), vi.fn()];
  const onLost = vi.fn();
  const options = { keys, consumer: "me", redis, connections: direct, onRemake: () => undefined };
  const reader = new BlockingReader({ ...options, onLost, onEntries: came });
  await expect(reader.read(LONG_MS)).rejects.toThrow("The connection for blocking reads is lost.");
  // Nothing was asked, so nothing can have been delivered.
  expect(onLost).not.toHaveBeenCalled();

  const ended = reader.read(LONG_MS);
  await reader.cancel();
  await expect(ended).resolves.toBeUndefined();

  proxy.setMode("pass");
  await vi.waitFor(() => expect(redis.status).toBe("ready"), { timeout: 8_000 });
  await direct.run(keys.streams[1], (commands) => commands.xadd(keys.streams[1], "*", "t", task));
  // The first one makes the group.
  await reader.read(LONG_MS);
  await reader.read(LONG_MS);
  expect(came).toHaveBeenCalledWith(1, [[expect.any(String), ["t", task]]]);
});
