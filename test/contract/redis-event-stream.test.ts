import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";

import { UnavailableError } from "../../src/errors.ts";
import type { StreamedEvent } from "../../src/events/event-stream.ts";
import { RedisEventStream, type RedisEventStreamOptions } from "../../src/events/redis/event-stream.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import { RedisConnections } from "../../src/redis/connections.ts";
import { eventStreamContract, readAll } from "./event-stream.ts";
import { freshPrefix } from "../support/servers/global-servers.ts";
import { startRedis, type RedisServer } from "../support/servers/redis-server.ts";
import { taskEvent, taskEvents } from "../support/some-events.ts";

const log = silentLogger;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function openStream(
  url: string,
  options: Partial<RedisEventStreamOptions> & { readonly prefix: string },
): Promise<RedisEventStream> {
  const connections = new RedisConnections({ url, log });
  const stream = new RedisEventStream({ connections, log, blockMs: 300, ...options });
  open.push(async () => {
    await stream.close();
    await connections.close();
  });
  await stream.connect();
  return stream;
}

eventStreamContract("RedisEventStream", async () => {
  const stream = await openStream(inject("redisUrl"), { prefix: freshPrefix(), maxEntries: 100 });
  return { stream, close: async () => undefined };
});

describe("RedisEventStream", () => {
  let server: RedisServer;
  let redis: Redis;
  let stream: RedisEventStream;
  const seen: StreamedEvent[] = [];
  const gaps: { reason: string; cursor: string }[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url, { retryStrategy: () => 50 });
    redis.on("error", () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await redis.flushall();
    seen.length = 0;
    gaps.length = 0;
    stream = await openStream(server.url, { prefix: "app" });
  });

  const tail = (): Promise<unknown> =>
    stream.tail(
      (events) => void seen.push(...events),
      (reason, cursor) => void gaps.push({ reason, cursor }),
    );

  /** Closes the connection that the tail reads on. */
  async function killTail(): Promise<void> {
    const id = await vi.waitFor(async () => {
      const clients = (await redis.client("LIST")) as string;
      const line = clients.split("\n").find((client) => client.includes("name=lovage:events"));
      expect(line).toBeDefined();
      return /id=(\d+)/.exec(line!)![1]!;
    });
    await redis.client("KILL", "ID", id);
  }

  test("after a flush a tail reports the gap, and continues from the cursor that it returned", async () => {
    await stream.append(taskEvents(3));
    await tail();
    const before = await stream.head();
    await redis.flushall();
    await vi.waitFor(() => expect(gaps).toMatchObject([{ reason: "The event stream was emptied." }]));
    expect((await stream.readAfter(before, 10)).gone).toBe(true);
    const events = taskEvents(2);
    await stream.append(events);
    await vi.waitFor(() => expect(seen.map(({ event }) => event)).toEqual(events));
    expect(await readAll(stream, gaps[0]!.cursor)).toEqual(seen);
    expect(gaps).toHaveLength(1);
  });

  test("a flush between two reads is noticed by the next event", async () => {
    await stream.append(taskEvents(3));
    const order: string[] = [];
    await stream.tail(
      (events) => void order.push(...events.map(({ cursor }) => cursor)),
      (_reason, cursor) => void order.push(`gap, on from ${cursor}`),
    );
    await redis.multi().flushall().exec();
    await stream.append(taskEvents(1));
    await stream.append(taskEvents(2));
    await vi.waitFor(() => expect(order).toHaveLength(4));
    const all = await readAll(stream, "0-0.0");
    expect(order).toEqual(["gap, on from 0-0.0", ...all.map(({ cursor }) => cursor)]);
  });

  test("a lost connection makes no gap", async () => {
    await stream.append(taskEvents(1));
    await tail();
    const events = taskEvents(40);
    for (const [index, event] of events.entries()) {
      if (index % 8 === 0) await killTail();
      await stream.append([event]);
    }
    await vi.waitFor(() => expect(seen.map((streamed) => streamed.event)).toEqual(events), 5_000);
    expect(gaps).toEqual([]);
  });

  test("events that could not be appended are a gap for readers", async () => {
    const other = await openStream(server.url, { prefix: "app" });
    await other.append(taskEvents(2));
    const before = await other.head();
    await tail();
    await redis.config("SET", "maxmemory", "1");
    await expect(other.append(taskEvents(1))).rejects.toThrow(UnavailableError);
    await redis.config("SET", "maxmemory", "0");
    await vi.waitFor(
      () => expect(gaps).toMatchObject([{ reason: "Events were lost before they could be published." }]),
      5_000,
    );
    expect((await stream.readAfter(before, 10)).gone).toBe(true);
    const events = taskEvents(2);
    await other.append(events);
    await vi.waitFor(() => expect(seen.map(({ event }) => event)).toEqual(events));
    expect(await readAll(stream, gaps[0]!.cursor)).toEqual(seen);
  });

  test("a restart without data fails appends at once, and is a gap for the tail", async () => {
    await stream.append(taskEvents(1));
    await tail();
    await server.kill();
    await expect(stream.append(taskEvents(1))).rejects.toThrow(UnavailableError);
    await expect(stream.head()).rejects.toThrow(UnavailableError);
    await server.start();
    await vi.waitFor(() => expect(gaps.length).toBeGreaterThan(0), 10_000);
    const event = taskEvent();
    await vi.waitFor(() => stream.append([event]), 5_000);
    await vi.waitFor(() => expect(seen.map((streamed) => streamed.event)).toEqual([event]));
  });

  test("entries that cannot be read are passed over", async () => {
    await tail();
    const start = await stream.head();
    const events = taskEvents(2);
    await stream.append([events[0]!]);
    const [[, fields]] = (await redis.xrange("{app}:events", "-", "+")) as [[string, string[]]];
    const last = await stream.head();
    const row = (JSON.parse(fields[5]!) as [unknown[]])[0];
    const texts = ["[1]", "{", `[["t","EXPLODED"]]`, JSON.stringify([row.with(1, "EXPLODED")])];
    let before = last;
    for (const text of texts) {
      before = `${await redis.xadd("{app}:events", "*", "p", before, "n", "1", "e", text)}.0`;
      await redis.set("{app}:events:last", before);
    }
    await stream.append([events[1]!]);
    await vi.waitFor(() => expect(seen.map(({ event }) => event)).toEqual(events));
    expect((await readAll(stream, start)).map(({ event }) => event)).toEqual(events);
    expect(gaps).toEqual([]);
  });

  test("large appends are kept in smaller number, so that memory stays bounded", async () => {
    const small = await openStream(server.url, { prefix: "app", maxBytes: 5_000_000 });
    for (let appended = 0; appended < 400; appended += 1) await small.append(taskEvents(250));
    expect(await redis.xlen("{app}:events")).toBeLessThan(150);
    expect(Number(await redis.memory("USAGE", "{app}:events", "SAMPLES", 0))).toBeLessThan(15_000_000);
  });
});
