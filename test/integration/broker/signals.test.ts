import { Redis } from "ioredis";
import { afterEach, describe, expect, inject, test, vi } from "vitest";

import { MemorySignals } from "../../../src/broker/memory/signals.ts";
import { RedisSignals } from "../../../src/broker/redis/signals.ts";
import type { Signal } from "../../../src/broker/signals.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { startRedis } from "../../support/servers/redis-server.ts";

const SIGNALS: Signal[] = [
  { type: "cancel", taskIds: ["a", "b"] },
  { type: "due", inMs: 100 },
  { type: "queues" },
  { type: "command", id: "c", ask: "look", task: null, workers: ["w"] },
  { type: "reply", id: "c", worker: "w", ok: true, value: { busy: 1 }, error: null },
];
const log = silentLogger;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function openSignals(url: string, prefix: string): Promise<RedisSignals> {
  const connections = new RedisConnections({ url, log });
  await connections.connect();
  const signals = new RedisSignals({ connections, prefix, log });
  open.push(async () => {
    await signals.close();
    await connections.close();
  });
  return signals;
}

/** A listener that hears others; resolves once it does. */
async function listen(to: RedisSignals, from: RedisSignals): Promise<{ heard: Signal[]; stop: () => void }> {
  const heard: Signal[] = [];
  const stop = to.subscribe((signal) => void heard.push(signal));
  await vi.waitFor(() => {
    from.publish({ type: "due", inMs: -1 });
    expect(heard.length).toBeGreaterThan(0);
  }, 5_000);
  await vi.waitFor(() => {
    from.publish({ type: "due", inMs: -2 });
    expect(heard.at(-1)).toEqual({ type: "due", inMs: -2 });
  });
  heard.length = 0;
  return { heard, stop };
}

const notMarks = (heard: readonly Signal[]): Signal[] =>
  heard.filter((one) => one.type !== "due" || one.inMs >= 0);

describe("MemorySignals", () => {
  test("notifies all listeners, but for those that left; one that throws harms no other", async () => {
    const signals = new MemorySignals({ log });
    const [one, two] = [vi.fn<(signal: Signal) => void>(), vi.fn<(signal: Signal) => void>()];
    signals.subscribe(() => {
      throw new Error("broken listener");
    });
    const stop = signals.subscribe(one);
    signals.subscribe(two);
    for (const signal of SIGNALS) signals.publish(signal);
    await vi.waitFor(() => expect(two.mock.calls.flat()).toEqual(SIGNALS));
    expect(one.mock.calls.flat()).toEqual(SIGNALS);
    stop();
    signals.publish({ type: "queues" });
    await vi.waitFor(() => expect(two).toHaveBeenCalledTimes(SIGNALS.length + 1));
    expect(one).toHaveBeenCalledTimes(SIGNALS.length);
  });
});

describe("RedisSignals", () => {
  test("reach other processes and this one, once, and no other app", async () => {
    const prefix = freshPrefix();
    const [here, there, other] = [
      await openSignals(inject("redisUrl"), prefix),
      await openSignals(inject("redisUrl"), prefix),
      await openSignals(inject("redisUrl"), freshPrefix()),
    ];
    const own: Signal[] = [];
    const [{ heard }, foreign] = [await listen(there, here), await listen(other, other)];
    here.subscribe((signal) => void own.push(signal));
    for (const signal of SIGNALS) here.publish(signal);
    await vi.waitFor(() => expect(notMarks(heard)).toEqual(SIGNALS));
    const back = await listen(here, there);
    expect(notMarks(back.heard)).toEqual([]);
    expect(notMarks(own)).toEqual(SIGNALS);
    expect(foreign.heard).toEqual([]);
  });

  test("are published again after Redis was away; meanwhile they arrive in their own process", async () => {
    await using server = await startRedis();
    const [here, there] = [await openSignals(server.url, "app"), await openSignals(server.url, "app")];
    const { heard } = await listen(there, here);
    const own: Signal[] = [];
    here.subscribe((signal) => void own.push(signal));
    await server.kill();
    here.publish({ type: "queues" });
    await vi.waitFor(() => expect(own).toEqual([{ type: "queues" }]));
    await server.start();
    await vi.waitFor(() => {
      here.publish({ type: "due", inMs: 5 });
      expect(heard).toContainEqual({ type: "due", inMs: 5 });
    }, 10_000);
  });

  test("of strangers are ignored", async () => {
    const prefix = freshPrefix();
    const [here, there] = [
      await openSignals(inject("redisUrl"), prefix),
      await openSignals(inject("redisUrl"), prefix),
    ];
    const { heard } = await listen(here, there);
    const stranger = new Redis(inject("redisUrl"));
    open.push(async () => stranger.disconnect());
    const texts = ["", "{", "null", "[]", `{"signal":null}`, `{"signal":{"type":"explode"}}`];
    texts.push(
      `{"signal":{"type":"cancel"}}`,
      `{"signal":{"type":"cancel","taskIds":[1]}}`,
      `{"signal":{"type":"due"}}`,
    );
    for (const text of texts) await stranger.publish(`{${prefix}}:signals`, text);
    there.publish({ type: "queues" });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: "queues" }));
    expect(notMarks(heard)).toEqual([{ type: "queues" }]);
  });
});
