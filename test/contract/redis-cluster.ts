import { setTimeout as pause } from "node:timers/promises";

import { expect, vi } from "vitest";

import { RedisSignals } from "../../src/broker/redis/signals.ts";
import { silentLogger as log } from "../../src/lib/log/log.ts";
import { runScript } from "../../src/redis/script.ts";
import { freshPrefix } from "../support/servers/global-servers.ts";
import { redisCall, waitUntil } from "../support/servers/redis-call.ts";
import type { RedisCluster } from "../support/servers/redis-cluster.ts";
import type { RedisServer } from "../support/servers/redis-server.ts";
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
  tried,
} from "./redis-connections.ts";

/** The longest that a command may take that nobody answers. */
const DEADLINE_MS = 2_600;

/** What Lovage needs of connections to a cluster. */
export function clusterContract(
  name: string,
  under: ConnectionsUnderTest,
  clusterOf: () => RedisCluster,
): void {
  describeConnections(name, under, ({ it, connected, closeLater }) => {
    /** Two keys that different masters serve. */
    async function keysApart(): Promise<readonly [key: string, other: string]> {
      const [cluster, prefix] = [clusterOf(), freshPrefix()];
      const key = `{${prefix}}`;
      const master = await cluster.masterOf(key);
      for (let number = 0; ; number += 1) {
        const other = `{${prefix}-${number}}`;
        if ((await cluster.masterOf(other)) !== master) return [key, other];
      }
    }

    it("reaches every master, by scripts too, also when they forgot the script", 20_000, async () => {
      const connections = await connected(clusterOf().url);
      const keys = Array.from({ length: 30 }, () => freshPrefix());
      const addAll = (): Promise<unknown[]> =>
        Promise.all(keys.map((key) => runScript(connections, ADD, [key], [2])));
      expect(await addAll()).toEqual(keys.map(() => 2));
      expect(await connections.everywhere((redis) => redis.call("SCRIPT", "FLUSH"))).toHaveLength(3);
      expect(await addAll()).toEqual(keys.map(() => 4));
    });

    it("follows a slot that moves, and does each command once", 30_000, async () => {
      const cluster = clusterOf();
      const connections = await connected(cluster.url);
      const [key, other] = await keysApart();
      await push(connections, key, "before");
      await cluster.moveSlot(key, await cluster.masterOf(other), async () => {
        await Promise.all([push(connections, key, "halfway"), push(connections, `${key}:new`, "halfway")]);
      });
      await Promise.all([push(connections, key, "after"), push(connections, `${key}:new`, "after")]);
      const list = (of: string): Promise<string[]> => connections.run(of, (redis) => redis.lrange(of, 0, -1));
      expect(await list(key)).toEqual(["before", "halfway", "after"]);
      expect(await list(`${key}:new`)).toEqual(["halfway", "after"]);
    });

    it("does not send a command again when its connection is lost before the answer", 30_000, async () => {
      const cluster = clusterOf();
      const [key] = await keysApart();
      const master = await cluster.masterOf(key);
      await using proxy = await startTcpProxy({ port: master.port });
      await using _announced = await announce(cluster, master, proxy.port);
      const connections = await connected(cluster.url);
      await push(connections, key, "first");
      proxy.latencyMs = 300;
      const lost = tried(1, () => push(connections, key, "once"));
      await waitUntil("it arrived", async () => Number(await redisCall(master.port, {}, "LLEN", key)) === 2);
      proxy.resetAll();
      expect(await lost).toMatchObject({ ok: false });
      proxy.latencyMs = 0;
      await vi.waitFor(() => push(connections, key, "last"), BACK_MS);
      expect(await redisCall(master.port, {}, "LRANGE", key, 0, -1)).toEqual(["first", "once", "last"]);
    });

    it("a master that dies fails its own keys at once, and no others", 60_000, async () => {
      const cluster = clusterOf();
      const connections = await connected(cluster.url);
      const [key, other] = await keysApart();
      await Promise.all([push(connections, key, 0), push(connections, other, 0)]);
      await cluster.allowFailover(false);
      const dead = await cluster.killMasterOf(key);
      const [own, others] = await Promise.all([
        stream(2_000, 50, (number) => push(connections, key, number)),
        stream(2_000, 50, (number) => push(connections, other, number)),
      ]);
      await cluster.allowFailover(true);
      await cluster.failedOverFrom(dead, key);
      await vi.waitFor(() => push(connections, key, "again"), { timeout: BACK_MS, interval: 50 });
      await cluster.revive(dead);
      expect(own.filter(({ ok }) => ok)).toEqual([]);
      expect(others.filter(({ ok }) => !ok)).toEqual([]);
      expect(slowest(own)).toBeLessThan(AT_ONCE_MS);
      expect(slowest(others)).toBeLessThan(AT_ONCE_MS);
    });

    it(
      "a master that falls silent fails its keys within the deadline, then at once for good",
      60_000,
      async () => {
        const cluster = clusterOf();
        const connections = await connected(cluster.url);
        const [key, other] = await keysApart();
        await Promise.all([push(connections, key, "first"), push(connections, other, "first")]);
        await cluster.allowFailover(false);
        const silent = await cluster.killMasterOf(key, "SIGSTOP");
        try {
          const [own, others] = await Promise.all([
            stream(6_000, 100, (number) => push(connections, key, number)),
            stream(6_000, 100, (number) => push(connections, other, number)),
          ]);
          await silent.kill("SIGCONT");
          await vi.waitFor(() => push(connections, key, "last"), { timeout: BACK_MS, interval: 100 });
          const done = await connections.run(key, (redis) => redis.lrange(key, 0, -1));
          expect(others.filter(({ ok }) => !ok)).toEqual([]);
          expect(slowest(others)).toBeLessThan(AT_ONCE_MS);
          expect(slowest(own)).toBeLessThan(DEADLINE_MS);
          // By then the connection of before was given up. What fails now was never sent, and is
          // not sent later.
          const late = own.slice(-20);
          expect(slowest(late)).toBeLessThan(AT_ONCE_MS);
          expect(done.filter((value) => late.some(({ number }) => String(number) === value))).toEqual([]);
        } finally {
          await silent.kill("SIGCONT");
          await cluster.allowFailover(true);
          await waitUntil("the cluster is whole again", () => cluster.isWhole());
        }
      },
    );

    it(
      "a node that names its own address for a moved slot is reached by a new connection",
      60_000,
      async () => {
        const cluster = clusterOf();
        const [key, other] = await keysApart();
        const [from, to] = [await cluster.masterOf(key), await cluster.masterOf(other)];
        await using scope = new AsyncDisposableStack();
        const proxy = scope.use(await startTcpProxy({ port: from.port }));
        const announced = await announce(cluster, from, proxy.port);
        const connections = await connected(cluster.url);
        await push(connections, key, "before");
        // As when a host is replaced by another one of the same name.
        proxy.leadTo({ port: to.port });
        await announced[Symbol.asyncDispose]();
        await cluster.moveSlot(key, to);
        scope.use(await announce(cluster, to, proxy.port));
        await vi.waitFor(() => push(connections, key, "after"), { timeout: BACK_MS, interval: 100 });
        expect(await redisCall(to.port, {}, "LRANGE", key, 0, -1)).toEqual(["before", "after"]);
      },
    );

    it("a read that blocks is ended without losing its connection", 30_000, async () => {
      const cluster = clusterOf();
      const connections = await connected(cluster.url);
      const [key] = await keysApart();
      const master = await cluster.masterOf(key);
      const redis = connections.blocking("test", key, 10_000);
      for (let round = 0, before = 0; round < 3; round += 1) {
        const [id, read] = [redis.client("ID"), readFrom(redis, key, 10_000)];
        for (const one of [id, read]) one.catch(() => undefined);
        await blockedAt(master);
        if (round === 0) before = await connectionsMadeAt(master);
        await connections.unblock(redis, await id);
        expect(await Promise.race([read, pause(1_000, "waits on")])).toBeNull();
        // The counts themselves take a connection each.
        expect((await connectionsMadeAt(master)) - before).toBeLessThan(10 + 10 * round);
      }
      connections.release(redis);
    });

    it("a read that blocks follows its key to another node", 30_000, async () => {
      const cluster = clusterOf();
      const connections = await connected(cluster.url);
      const [key, other] = await keysApart();
      const redis = connections.blocking("test", key, 10_000);
      const first = readFrom(redis, key, 10_000).catch(() => null);
      await blockedAt(await cluster.masterOf(key));
      await cluster.moveSlot(key, await cluster.masterOf(other));
      await Promise.race([first, pause(3_000)]);
      await vi.waitFor(
        async () => {
          await connections.run(key, (commands) => commands.xadd(key, "*", "a", "b"));
          expect(await Promise.race([readFrom(redis, key, 1_000), pause(2_000, null)])).not.toBeNull();
        },
        { timeout: BACK_MS, interval: 100 },
      );
    });

    it("a subscription is made again when its socket is dead without notice", 60_000, async () => {
      const cluster = clusterOf();
      await using scope = new AsyncDisposableStack();
      const proxies = [];
      for (const node of cluster.nodes) {
        const proxy = scope.use(await startTcpProxy({ port: node.port }));
        scope.use(await announce(cluster, node, proxy.port));
        proxies.push(proxy);
      }
      const [here, there] = [await connected(cluster.url), await connected(cluster.url)];
      const prefix = freshPrefix();
      const [listener, publisher] = [here, there].map(
        (connections) => new RedisSignals({ connections: connections as never, prefix, log }),
      ) as [RedisSignals, RedisSignals];
      closeLater(async () => void (await Promise.all([listener.close(), publisher.close()])));
      const heard = vi.fn<() => void>();
      listener.subscribe(heard);
      const isHeard = (): Promise<void> =>
        vi.waitFor(
          () => {
            publisher.publish({ type: "queues" });
            expect(heard).toHaveBeenCalled();
          },
          { timeout: 15_000, interval: 100 },
        );
      await isHeard();
      for (const proxy of proxies) proxy.setMode("halfOpen");
      await pause(100);
      heard.mockClear();
      await isHeard();
    });

    it("finds nodes that do not know where they are reached", 30_000, async () => {
      const cluster = clusterOf();
      const setType = (type: string): Promise<unknown> =>
        Promise.all(
          cluster.nodes.map(({ port }) =>
            redisCall(port, {}, "CONFIG", "SET", "cluster-preferred-endpoint-type", type),
          ),
        );
      await setType("unknown-endpoint");
      try {
        const connections = await connected(cluster.url);
        const keys = Array.from({ length: 10 }, () => freshPrefix());
        const got = await Promise.race([
          Promise.all(keys.map((key) => push(connections, key, 1))),
          pause(5_000, "no answer", { ref: false }),
        ]);
        expect(got).toEqual(keys.map(() => 1));
      } finally {
        await setType("ip");
      }
    });
  });
}

/** Has a node name another port to clients and nodes, until it is disposed of. */
async function announce(cluster: RedisCluster, node: RedisServer, port: number): Promise<AsyncDisposable> {
  const isKnown = async (known: number): Promise<boolean> => {
    const views = await Promise.all(
      cluster.nodes.map(async (other) => String(await redisCall(other.port, {}, "CLUSTER", "NODES"))),
    );
    return views.every((view) => view.includes(`:${known}@`));
  };
  await redisCall(node.port, {}, "CONFIG", "SET", "cluster-announce-port", port);
  await waitUntil("every node knows the port", () => isKnown(port));
  return {
    [Symbol.asyncDispose]: async () => {
      await redisCall(node.port, {}, "CONFIG", "SET", "cluster-announce-port", 0);
      await waitUntil("every node knows the port again", () => isKnown(node.port));
    },
  };
}

/** Resolves when one more client waits in a blocking read there. */
async function blockedAt({ port }: RedisServer): Promise<void> {
  await waitUntil("a client waits", async () =>
    String(await redisCall(port, {}, "INFO", "clients")).includes("blocked_clients:1\r"),
  );
}

/** Counts the connections that a server has accepted so far. */
async function connectionsMadeAt({ port }: RedisServer): Promise<number> {
  const facts = String(await redisCall(port, {}, "INFO", "stats"));
  return Number(/total_connections_received:(\d+)/.exec(facts)![1]);
}
