import type { Redis } from "ioredis";

type Reader = (redis: Redis, key: string) => Promise<unknown>;
const READERS: Readonly<Record<string, Reader>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, "0", "-1", "WITHSCORES"),
  stream: (redis, key) => redis.xrange(key, "-", "+"),
};

/** All that is under a prefix, keys and values, as text. A hash tag may stand around it. */
export async function redisContents(redis: Redis, prefix: string): Promise<string> {
  const keys = await redis.keys(`*${prefix}*`);
  const values = keys.map(async (key) => [key, await READERS[await redis.type(key)]?.(redis, key)]);
  return JSON.stringify(await Promise.all(values));
}
