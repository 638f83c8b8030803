import { createHash } from "node:crypto";
import type { Redis } from "ioredis";

import { replyCode } from "./redis-errors.ts";

/** A Lua script that runs in Redis as one step. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
}

/** Runs a script by its digest; sends its text only to a Redis that does not know it (yet, or any more). */
export async function runScript(
  redis: Redis,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT") throw error;
    return redis.eval(script.lua, keys.length, ...keys, ...args);
  }
}
