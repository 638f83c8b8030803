import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { RedisEventStream } from "../../../src/events/redis/event-stream.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";
import { taskEvents } from "../../support/some-events.ts";

const READABLE = /^\d+-\d+\.\d+$/;

async function setup() {
  const prefix = freshPrefix();
  const redis = new Redis(inject("redisUrl"));
  const connections = new RedisConnections({ url: inject("redisUrl"), log: silentLogger });
  const stream = new RedisEventStream({ connections, prefix, log: silentLogger, blockMs: 300 });
  onTestFinished(async () => {
    await stream.close();
    await connections.close();
    redis.disconnect();
  });
  await stream.connect();
  const forge = (before: string, count: string) =>
    redis.xadd(`{${prefix}}:events`, "*", "p", before, "n", count, "e", "[]");
  return { prefix, redis, stream, forge };
}

test("subscribers get only cursors that they can resume from, whatever others write", async () => {
  const { stream, forge } = await setup();
  const gaps: string[] = [];
  const seen: string[] = [];
  await stream.tail(
    (events) => void seen.push(...events.map(({ cursor }) => cursor)),
    (_reason, cursor) => void gaps.push(cursor),
  );
  await forge("garbage", "1");
  await forge("", "abc");
  await forge("0-0.0", "1e99");
  await stream.append(taskEvents(2));
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  expect(gaps.length).toBeGreaterThan(0);
  for (const cursor of [...gaps, ...seen]) expect(cursor).toMatch(READABLE);
});

test("a head that cannot be read counts as none", async () => {
  const { prefix, redis, stream } = await setup();
  await redis.set(`{${prefix}}:events:last`, "garbage");
  expect(await stream.head()).toBe("0-0.0");
});
