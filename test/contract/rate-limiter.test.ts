import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { MemoryRateLimiter } from "../../src/broker/memory/rate-limiter.ts";
import { RedisRateLimiter } from "../../src/broker/redis/rate-limiter.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import { RedisConnections } from "../../src/redis/connections.ts";
import { limiterContract } from "./rate-limiter.ts";
import { freshPrefix } from "../support/servers/global-servers.ts";

const connections = new RedisConnections({ url: inject("redisUrl"), log: silentLogger });
const prefix = freshPrefix();
beforeAll(async () => {
  await connections.connect();
  // A Redis that does not know the script yet is sent it a second time, and then a report comes
  // after the take that follows it.
  const limiter = new RedisRateLimiter({ connections, prefix });
  const rate = { limit: 1, windowMs: 60_000 };
  const take = async (id: string) =>
    (await limiter.take("task:first", id, [{ bucket: "", rate, wanted: 1 }]))[0]!;
  await take("one");
  limiter.report("task:first", "one", [{ bucket: "", rate, used: 0 }]);
  await vi.waitFor(async () => expect(await take("other")).toMatchObject({ granted: 1 }));
});
afterAll(() => connections.close());

limiterContract("MemoryRateLimiter", () => new MemoryRateLimiter());
limiterContract("RedisRateLimiter", () => new RedisRateLimiter({ connections, prefix }));

test("counts in memory use about 200 cells of their window", async () => {
  let now = 0;
  const limiter = new MemoryRateLimiter({ monotonic: () => now });
  const rate = { limit: 1_000, windowMs: 1_000 };
  const startOne = async (): Promise<number> => {
    const id = String(now);
    const [permits] = await limiter.take("s", id, [{ bucket: "", rate, wanted: 1 }]);
    limiter.report("s", id, [{ bucket: "", rate, used: permits!.granted }]);
    return permits!.granted;
  };
  for (; now < 1_000; now += 1) await startOne();
  // The first place holds the starts of the first five milliseconds, and counts until the last of
  // them is over.
  let granted = 0;
  for (; now < 2_000; now += 1) granted += await startOne();
  expect(granted).toBeGreaterThanOrEqual(990);
  expect(granted).toBeLessThanOrEqual(1_000);
});

test("permits of a worker that died are free again after a while", async () => {
  let now = 0;
  const limiter = new MemoryRateLimiter({ monotonic: () => now });
  const rate = { limit: 10, windowMs: 1_000 };
  const take = async (): Promise<number> =>
    (await limiter.take("s", String(now), [{ bucket: "", rate, wanted: 10 }]))[0]!.granted;
  expect(await take()).toBe(10);
  now = 14_999;
  expect(await take()).toBe(0);
  now = 15_000;
  expect(await take()).toBe(10);
});

test("a bucket's keys in Redis expire by themselves, and contain nothing of the input", async () => {
  const limiter = new RedisRateLimiter({ connections, prefix });
  const rate = { limit: 10, windowMs: 1_000 };
  await limiter.take("task:gone", "id", [{ bucket: "hash", rate, wanted: 1 }]);
  const key = `{${prefix}:rate:task:gone}:hash`;
  const ttl = await connections.run(key, (redis) => redis.pttl(key));
  expect(ttl).toBeGreaterThan(0);
  expect(ttl).toBeLessThanOrEqual(16_000);
});
