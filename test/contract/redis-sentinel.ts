import { setTimeout as pause } from "node:timers/promises";

import { expect, vi } from "vitest";

import { runScript } from "../../src/redis/script.ts";
import { freshPrefix } from "../support/servers/global-servers.ts";
import { redisCall, waitUntil } from "../support/servers/redis-call.ts";
import type { RedisSentinelSet } from "../support/servers/redis-sentinel.ts";
import { startTcpProxy } from "../support/servers/tcp-proxy.ts";
import {
  ADD,
  AT_ONCE_MS,
  BACK_MS,
  type ConnectionsUnderTest,
  describeConnections,
  push,
  readFrom,
  slowest,
  stream,
} from "./redis-connections.ts";

/** What Lovage needs of connections to the master that sentinels name. */
export function sentinelContract(
  name: string,
  under: ConnectionsUnderTest,
  setOf: () => RedisSentinelSet,
): void {
  describeConnections(name, under, ({ it, connected }) => {
    it("runs scripts, also when the master forgot them", 20_000, async () => {
      const connections = await connected(setOf().url);
      const key = freshPrefix();
      expect(await runScript(connections, ADD, [key], [2])).toBe(2);
      await connections.everywhere((redis) => redis.call("SCRIPT", "FLUSH"));
      expect(await runScript(connections, ADD, [key], [2])).toBe(4);
    });

    it("when the master dies, commands fail at once, and continue at the new one", 60_000, async () => {
      const set = setOf();
      const connections = await connected(set.url);
      const key = freshPrefix();
      await push(connections, key, "first");
      const dead = await set.killMaster();
      const lost = await stream(500, 50, (number) => push(connections, key, number));
      await set.failedOverFrom(dead);
      await vi.waitFor(() => push(connections, key, "again"), { timeout: BACK_MS, interval: 50 });
      await set.revive(dead);
      expect(lost.filter(({ ok }) => ok)).toEqual([]);
      expect(slowest(lost)).toBeLessThan(AT_ONCE_MS);
    });

    it(
      "when the master falls silent, blocking reads and commands continue at the new one",
      60_000,
      async () => {
        const set = setOf();
        const connections = await connected(set.url);
        const key = freshPrefix();
        const redis = connections.blocking("test", key, 1_000);
        const first = readFrom(redis, key, 1_000);
        const silent = await set.killMaster("SIGSTOP");
        await first.catch(() => null);
        await set.failedOverFrom(silent);
        await vi.waitFor(() => push(connections, `${key}:l`, "again"), { timeout: BACK_MS, interval: 50 });
        await connections.run(key, (commands) => commands.xadd(key, "*", "a", "b"));
        await vi.waitFor(
          async () =>
            expect(await Promise.race([readFrom(redis, key, 500), pause(1_000, null)])).not.toBeNull(),
          { timeout: BACK_MS, interval: 100 },
        );
        await set.revive(silent);
      },
    );

    it("a sentinel that names a replica does not keep anyone there", 60_000, async () => {
      const set = setOf();
      const connections = await connected(set.url);
      const [key, old] = [freshPrefix(), await set.master()];
      const next = set.servers.find((server) => server !== old)!;
      await redisCall(next.port, {}, "REPLICAOF", "NO", "ONE");
      await redisCall(old.port, {}, "REPLICAOF", "127.0.0.1", next.port);
      await redisCall(old.port, {}, "CLIENT", "KILL", "TYPE", "normal");
      await vi.waitFor(() => push(connections, key, "again"), { timeout: 15_000, interval: 50 });
      await waitUntil("the set is whole", () => set.isComplete());
    });

    it("while no sentinel answers, connections keep looking for one", 60_000, async () => {
      const set = setOf();
      await using proxy = await startTcpProxy({ port: sentinelPortOf(set) });
      const connections = await connected(throughProxy(set, proxy.port));
      const key = freshPrefix();
      await push(connections, key, "first");
      proxy.setMode("reset");
      const { port } = await set.master();
      await redisCall(port, {}, "CLIENT", "KILL", "TYPE", "normal");
      const lost = await stream(2_000, 100, (number) => push(connections, key, number));
      proxy.setMode("pass");
      await vi.waitFor(() => push(connections, key, "again"), { timeout: BACK_MS, interval: 50 });
      expect(slowest(lost)).toBeLessThan(AT_ONCE_MS);
    });

    it("a connection that must restart while it asks sentinels does so", 60_000, async () => {
      const set = setOf();
      await using proxy = await startTcpProxy({ port: sentinelPortOf(set) });
      const connections = await connected(throughProxy(set, proxy.port));
      const key = freshPrefix();
      const redis = connections.blocking("test", key, 1_000);
      await readFrom(redis, key, 1);
      proxy.setMode("blackHole");
      const { port } = await set.master();
      await redisCall(port, {}, "CLIENT", "KILL", "TYPE", "normal");
      await vi.waitFor(() => expect(redis.status).toBe("connecting"), BACK_MS);
      redis.disconnect(true);
      await pause(100);
      proxy.setMode("pass");
      await connections.run(key, (commands) => commands.ping()).catch(() => null);
      await vi.waitFor(() => expect(redis.status).toBe("ready"), BACK_MS);
      expect(await readFrom(redis, key, 1)).toBeNull();
    });

    it(
      "the error names the server that refused it, and a sentinel that does not know the master",
      30_000,
      async () => {
        const { url } = setOf();
        const failure = (one: string): Promise<unknown> =>
          Promise.race([
            connected(one).then(
              () => "connected",
              (error: unknown) => error,
            ),
            pause(6_000, "no answer", { ref: false }),
          ]);
        expect(await failure(url.replace("/mymaster", "/other"))).toMatchObject({ exitCode: 78 });
        expect(await failure(`${url}x`)).toMatchObject({ exitCode: 77 });
      },
    );
  });
}

function sentinelPortOf({ url }: RedisSentinelSet): number {
  return Number(/127\.0\.0\.1:(\d+)/.exec(url)![1]);
}

function throughProxy({ url }: RedisSentinelSet, port: number): string {
  return url.replace(/\/\/[^/]+/, `//127.0.0.1:${port}`);
}
