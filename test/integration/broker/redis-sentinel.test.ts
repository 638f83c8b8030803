import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { RedisBroker } from "../../../src/broker/redis/broker.ts";
import { RedisSignals } from "../../../src/broker/redis/signals.ts";
import { RedisEventStream } from "../../../src/events/redis/event-stream.ts";
import { silentLogger as log } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { BLOCK_MS, brokerContract, hint } from "../../contract/broker.ts";
import { taskEvent } from "../../support/some-events.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { redisCall } from "../../support/servers/redis-call.ts";
import { type RedisSentinelSet, startSentinels } from "../../support/servers/redis-sentinel.ts";
import type { RedisServer } from "../../support/servers/redis-server.ts";
import { follow } from "./follow.ts";

const PASSWORD = "s3ntinel+pass";
let set: RedisSentinelSet;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  set = await startSentinels({ sentinelPassword: PASSWORD });
});
afterAll(() => set[Symbol.asyncDispose]());
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function connected(): Promise<RedisConnections> {
  const connections = new RedisConnections({ url: set.url, log });
  open.push(() => connections.close());
  await connections.connect();
  return connections;
}

/** All that a process has open to Redis, and what it hears there. */
async function openAll(blockMs: number) {
  const [connections, prefix] = [await connected(), freshPrefix()];
  const broker = new RedisBroker({ connections, prefix, log, blockMs });
  const stream = new RedisEventStream({ connections, prefix, log, blockMs });
  const signals = new RedisSignals({ connections, prefix, log });
  const [other, events, heard] = [await connected(), [] as unknown[], vi.fn<() => void>()];
  const sender = new RedisSignals({ connections: other, prefix, log });
  await stream.tail(
    (some) => void events.push(...some.map(({ event }) => event)),
    () => undefined,
  );
  signals.subscribe(heard);
  const { got, stop } = follow(broker.consumer({ consumer: newId() }), ["mail"]);
  open.push(
    () => broker.close(),
    () => stream.close(),
    () => signals.close(),
    () => sender.close(),
    stop,
  );
  return { broker, stream, sender, heard, events, got };
}

/** Each way to and from Redis works, one after the other, within some seconds. */
async function expectAllGoOn({
  broker,
  stream,
  sender,
  heard,
  events,
  got,
}: Awaited<ReturnType<typeof openAll>>) {
  const sent = hint("mail");
  await vi.waitFor(() => broker.send([sent]), { timeout: 10_000, interval: 50 });
  await vi.waitFor(() => expect(got).toContain(sent.taskId), 10_000);
  const event = taskEvent();
  await vi.waitFor(() => stream.append([event]), { timeout: 10_000, interval: 50 });
  await vi.waitFor(() => expect(events).toContainEqual(event), 10_000);
  heard.mockClear();
  await vi.waitFor(() => {
    sender.publish({ type: "queues" });
    expect(heard).toHaveBeenCalled();
  }, 10_000);
}

brokerContract("RedisBroker under sentinels", async () => {
  const broker = new RedisBroker({
    connections: await connected(),
    prefix: freshPrefix(),
    log,
    blockMs: BLOCK_MS,
  });
  await broker.connect();
  open.push(() => broker.close());
  return { broker, close: async () => undefined };
});

test("when the master dies, all waiting reads continue at the new one", async () => {
  const all = await openAll(5_000);
  await expectAllGoOn(all);
  const dead = await set.killMaster();
  await set.failedOverFrom(dead);
  await expectAllGoOn(all);
  await set.revive(dead);
});

test("when the master falls silent, no call keeps waiting for it", async () => {
  const all = await openAll(1_000);
  await expectAllGoOn(all);
  const hung = await set.killMaster("SIGSTOP");
  try {
    await set.failedOverFrom(hung);
    await expectAllGoOn(all);
  } finally {
    await set.revive(hung);
  }
});

test("when the roles are changed while all live, everything moves to the new master", async () => {
  const all = await openAll(5_000);
  await expectAllGoOn(all);
  const old = await set.master();
  await set.switchOver();
  await expectAllGoOn(all);
  await vi.waitFor(async () => expect(await namesOfClients(old)).toEqual([]), 10_000);
});

test("sentinels that still name the old master do not keep a reader at a server that is now a replica", async () => {
  const { broker } = await openAll(500);
  const old = await set.master();
  await vi.waitFor(async () => expect(await namesOfClients(old)).toContain("lovage:events"), 5_000);
  // By hand, as if the sentinels had not heard of it.
  const next = set.servers.find((server) => server !== old)!;
  await redisCall(next.port, {}, "REPLICAOF", "NO", "ONE");
  await redisCall(old.port, {}, "REPLICAOF", "127.0.0.1", next.port);
  await redisCall(old.port, {}, "CLIENT", "KILL", "TYPE", "normal");
  await vi.waitFor(async () => {
    expect(await namesOfClients(next)).toContain("lovage:events");
    expect(await namesOfClients(old)).not.toContain("lovage:events");
  }, 15_000);
  await vi.waitFor(() => broker.send([hint("mail")]), { timeout: 10_000, interval: 50 });
});

test.each([
  [
    "a master that they do not know",
    (url: string) => url.replace("/mymaster", "/other"),
    78,
    /does not know the master "other"/,
  ],
  [
    "no password of theirs",
    (url: string) => url.replace(/\?.*/, ""),
    77,
    /sentinel .* denied access .*\?sentinelpassword=/,
  ],
  ["a wrong one", (url: string) => `${url}x`, 77, /sentinel .* denied access \(WRONGPASS/],
])("sentinels are recognised when asked with %s", async (_, urlOf, exitCode, message) => {
  const connections = new RedisConnections({ url: urlOf(set.url), log });
  open.push(() => connections.close());
  const failure = { exitCode, message: expect.stringMatching(message) as string };
  await expect(connections.connect()).rejects.toThrow(expect.objectContaining(failure) as Error);
  await expect(connections.connect()).rejects.not.toThrow(PASSWORD);
});

test("one live sentinel is enough; a server and a sentinel are distinguished", async () => {
  const master = await set.master();
  const [, sentinel] = /127\.0\.0\.1:(\d+)\//.exec(set.url)!;
  const one = new RedisConnections({ url: set.url.replace("//", "//127.0.0.1:1,"), log });
  const noSentinel = new RedisConnections({ url: `redis+sentinel://127.0.0.1:${master.port}/mymaster`, log });
  const noServer = new RedisConnections({ url: `redis://:${PASSWORD}@127.0.0.1:${sentinel}`, log });
  for (const connections of [one, noSentinel, noServer]) open.push(() => connections.close());
  await one.connect();
  const failure = (message: string): Error =>
    expect.objectContaining({ exitCode: 78, message: expect.stringContaining(message) as string }) as Error;
  await expect(noSentinel.connect()).rejects.toThrow(failure(`127.0.0.1:${master.port} is not a sentinel`));
  await expect(noServer.connect()).rejects.toThrow(
    failure("is a sentinel. Write REDIS_URL as redis+sentinel://"),
  );
});

async function namesOfClients({ port }: RedisServer): Promise<string[]> {
  const list = String(await redisCall(port, {}, "CLIENT", "LIST"));
  return [...list.matchAll(/ name=(lovage:\S*)/g)].map((match) => match[1]!);
}
