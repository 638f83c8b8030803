import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";

import { queueKeys } from "../../../src/broker/redis/keys.ts";
import { RedisBroker } from "../../../src/broker/redis/broker.ts";
import { RedisSignals } from "../../../src/broker/redis/signals.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { RedisEventStream } from "../../../src/events/redis/event-stream.ts";
import { type Logger, silentLogger as log } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { slotOf } from "../../../src/redis/cluster-topology.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { BLOCK_MS, brokerContract, hint } from "../../contract/broker.ts";
import { eventStreamContract } from "../../contract/event-stream.ts";
import { taskEvent } from "../../support/some-events.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { redisCall } from "../../support/servers/redis-call.ts";
import { type RedisCluster, startRedisCluster } from "../../support/servers/redis-cluster.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis-server.ts";
import { follow } from "./follow.ts";

let cluster: RedisCluster;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function connected(to: Logger = log): Promise<RedisConnections> {
  const connections = new RedisConnections({ url: cluster.url, log: to });
  open.push(() => connections.close());
  await connections.connect();
  return connections;
}

async function openBroker(prefix: string, blockMs = BLOCK_MS): Promise<RedisBroker> {
  const broker = new RedisBroker({ connections: await connected(), prefix, log, blockMs });
  open.push(() => broker.close());
  await broker.connect();
  return broker;
}

/** What a consumer of these queues gets from now on. */
function followed(broker: RedisBroker, queues: readonly string[]): readonly string[] {
  const { got, stop } = follow(broker.consumer({ consumer: newId() }), queues);
  open.push(stop);
  return got;
}

/** Sends one hint as soon as it is taken. */
async function sendSoon(broker: RedisBroker, queue: string): Promise<string> {
  const sent = hint(queue);
  await vi.waitFor(() => broker.send([sent]), { timeout: 15_000, interval: 50 });
  return sent.taskId;
}

const keyOf = (prefix: string, queue: string): string => queueKeys(prefix, queue).streams[0];

brokerContract("RedisBroker on a cluster", async () => ({
  broker: await openBroker(freshPrefix()),
  close: async () => undefined,
}));

eventStreamContract("RedisEventStream on a cluster", async () => {
  const stream = new RedisEventStream({
    ...{ connections: await connected(), prefix: freshPrefix(), log, blockMs: 300, maxEntries: 100 },
  });
  open.push(() => stream.close());
  await stream.connect();
  return { stream, close: async () => undefined };
});

test("a key's slot is the one that Redis puts it into", async () => {
  const keys = ["", "a", "{a}", "x{a}y", "{}a", "a{b", "a}b{c}", "{{a}}", "{ä€🙂}:p1", "lovage:mail:p0"];
  keys.push(...Array.from({ length: 50 }, () => `{${newId()}}:events`));
  for (const key of keys) {
    expect(slotOf(key), key).toBe(await redisCall(cluster.nodes[0]!.port, {}, "CLUSTER", "KEYSLOT", key));
  }
});

test("many queues on all nodes are sent to, read and counted at once", async () => {
  const broker = await openBroker(freshPrefix());
  const queues = Array.from({ length: 24 }, (_, index) => `queue-${index}`);
  const hints = queues.flatMap((queue) => [hint(queue), hint(queue, "CRITICAL")]);
  await broker.send(hints);
  expect(await Promise.all(queues.map((queue) => broker.depth(queue)))).toEqual(queues.map(() => 2));
  const got = followed(broker, queues);
  await vi.waitFor(() => expect(got.toSorted()).toEqual(hints.map(({ taskId }) => taskId).toSorted()), 5_000);
});

test("signals reach every process, whichever node it listens at", async () => {
  const prefix = freshPrefix();
  const [here, there] = [await connected(), await connected()].map(
    (connections) => new RedisSignals({ connections, prefix, log }),
  );
  open.push(async () => void (await Promise.all([here!.close(), there!.close()])));
  const heard = vi.fn<() => void>();
  there!.subscribe(heard);
  await vi.waitFor(() => {
    here!.publish({ type: "queues" });
    expect(heard).toHaveBeenCalled();
  }, 5_000);
});

test("health asks every master, and names the one that may evict", async () => {
  const broker = await openBroker(freshPrefix());
  expect(await broker.health()).toMatchObject({ kind: "redis", evictionPolicy: "noeviction" });
  const node = await cluster.masterOf("any");
  await redisCall(node.port, {}, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  try {
    expect(await broker.health()).toMatchObject({ evictionPolicy: "allkeys-lru" });
  } finally {
    await redisCall(node.port, {}, "CONFIG", "SET", "maxmemory-policy", "noeviction");
  }
});

test("a slot that moves to another node takes its consumer along, and loses no hint on the way", async () => {
  const prefix = freshPrefix();
  const broker = await openBroker(prefix);
  const key = keyOf(prefix, "mail");
  const got = followed(broker, ["mail"]);
  const sent: string[] = [await sendSoon(broker, "mail")];
  await vi.waitFor(() => expect(got).toEqual(sent), 5_000);
  const to = await cluster.masterOf(keyOf(prefix, await queueApart(prefix, "mail")));
  await cluster.moveSlot(key, to, async () => {
    // Halfway: some of the queue's keys are there, others are not yet.
    sent.push(await sendSoon(broker, "mail"));
  });
  sent.push(await sendSoon(broker, "mail"));
  await vi.waitFor(() => expect(new Set(got)).toEqual(new Set(sent)), 10_000);
});

describe("a master that dies", () => {
  test("is followed by its replica: the consumer that waits there continues, other queues never stop", async () => {
    const prefix = freshPrefix();
    const broker = await openBroker(prefix, 5_000);
    // Nothing of it waits anywhere: it has only its own commands to notice by.
    const warn = vi.fn<Logger["warn"]>();
    const sender = new RedisBroker({ connections: await connected({ ...log, warn }), prefix, log });
    const other = await queueApart(prefix, "mail");
    const got = followed(broker, ["mail", other]);
    const first = await sendSoon(broker, "mail");
    await vi.waitFor(() => expect(got).toEqual([first]), 5_000);

    const key = keyOf(prefix, "mail");
    const dead = await cluster.killMasterOf(key);
    await vi.waitFor(() => expect(broker.send([hint("mail")])).rejects.toThrow(UnavailableError), 5_000);
    const during = hint(other);
    await broker.send([during]);
    await vi.waitFor(() => expect(got).toContain(during.taskId), 1_000);

    await cluster.failedOverFrom(dead, key);
    const after = [await sendSoon(broker, "mail"), await sendSoon(sender, "mail")];
    await vi.waitFor(() => expect(got).toEqual(expect.arrayContaining(after)), 10_000);
    expect(warn.mock.calls).toEqual([
      ["Redis connection lost, reconnecting", expect.objectContaining({ redis: `127.0.0.1:${dead.port}` })],
    ]);
    await cluster.revive(dead);
  });

  test("silently, stops neither other queues nor the stream of events for good", async () => {
    const prefix = freshPrefix();
    const broker = await openBroker(prefix, 1_000);
    const [connections, eventsKey] = [await connected(), `{${prefix}}:events`];
    const stream = new RedisEventStream({ connections, prefix, log, blockMs: 500 });
    open.push(() => stream.close());
    const seen: unknown[] = [];
    const gaps: string[] = [];
    await stream.tail(
      (events) => void seen.push(...events.map(({ event }) => event)),
      (reason) => void gaps.push(reason),
    );
    const other = await queueApart(prefix, eventsKey);
    const got = followed(broker, [other]);
    const hung = await cluster.killMasterOf(eventsKey, "SIGSTOP");
    try {
      const sent = await sendSoon(broker, other);
      await vi.waitFor(() => expect(got).toContain(sent), 2_000);
      await cluster.failedOverFrom(hung, eventsKey);
      const event = taskEvent();
      await vi.waitFor(() => stream.append([event]), 10_000);
      await vi.waitFor(() => expect(seen).toContainEqual(event), 10_000);
    } finally {
      await hung.kill("SIGCONT");
    }
    await vi.waitFor(async () => expect(await cluster.isWhole()).toBe(true), 10_000);
  });
});

describe("the first connect", () => {
  const connectionsTo = (url: string): RedisConnections => {
    const connections = new RedisConnections({ url, log });
    open.push(() => connections.close());
    return connections;
  };
  const failure = (exitCode: number, message: string): Error =>
    expect.objectContaining({ exitCode, message: expect.stringContaining(message) as string }) as Error;

  test("needs one of the nodes that the URL names", async () => {
    const [node] = cluster.nodes as [RedisServer];
    const connections = connectionsTo(`redis+cluster://127.0.0.1:1,127.0.0.1:${node.port}`);
    await connections.connect();
    expect(await connections.everywhere((redis) => redis.ping())).toEqual(["PONG", "PONG", "PONG"]);
  });

  test("distinguishes a cluster from a server, with the remedy", async () => {
    const [node] = cluster.nodes as [RedisServer];
    const server = new URL(inject("redisUrl"));
    await expect(connectionsTo(node.url).connect()).rejects.toThrow(
      failure(78, `${node.port} is a node of a cluster. Begin REDIS_URL with redis+cluster://`),
    );
    await expect(connectionsTo(`redis+cluster://${server.host}`).connect()).rejects.toThrow(
      failure(
        78,
        `${server.host} is not part of a cluster (ERR This instance has cluster support disabled). Begin REDIS_URL with redis://`,
      ),
    );
  });

  test("does not wait long for nodes that are away, or that accept and send nothing", async () => {
    const silent = Array.from({ length: 6 }, () =>
      createServer((socket) => void socket.resume()).listen(0, "127.0.0.1"),
    );
    await Promise.all(silent.map((server) => once(server, "listening")));
    open.push(async () => silent.forEach((server) => server.close()));
    const hosts = silent.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const startedAt = performance.now();
    await Promise.all([
      expect(connectionsTo(`redis+cluster://${hosts.join(",")}`).connect()).rejects.toThrow(
        failure(69, `Cannot reach Redis at ${hosts.join(",")}`),
      ),
      expect(connectionsTo("redis+cluster://127.0.0.1:1").connect()).rejects.toThrow(
        failure(69, "Cannot reach Redis at 127.0.0.1:1 (ECONNREFUSED)"),
      ),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("reports that the password was refused, or is missing", async () => {
    const busPort = ["--cluster-port", String(await freePort())];
    await using server = await startRedis({
      args: ["--cluster-enabled", "yes", ...busPort, "--requirepass", "pw"],
    });
    for (const user of ["", ":wrong@"]) {
      const connections = connectionsTo(`redis+cluster://${user}127.0.0.1:${server.port}`);
      await expect(connections.connect()).rejects.toThrow(failure(77, "denied access"));
    }
  });
});

/** A queue that another node serves than a key, or than the queue of that name. */
async function queueApart(prefix: string, than: string): Promise<string> {
  const key = than.startsWith("{") ? than : keyOf(prefix, than);
  const master = await cluster.masterOf(key);
  for (let number = 0; ; number += 1) {
    if ((await cluster.masterOf(keyOf(prefix, `other-${number}`))) !== master) return `other-${number}`;
  }
}
