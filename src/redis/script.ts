import { createHash } from "node:crypto";

import type { RedisConnections } from "./connections.ts";
import { replyCode } from "./errors.ts";

/** A Lua script. Redis runs it as one step. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
}

/**
 * Runs a script by its digest where its keys are served. Sends the source only to a Redis that does
 * not know the script yet, or lost it.
 *
 * @param keys one or more, all with one hash tag
 */
export async function runScript(
  connections: Pick<RedisConnections, "run">,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await connections.run(keys[0]!, (redis) =>
      redis.evalsha(script.sha1, keys.length, ...keys, ...args),
    );
  } catch (error) {
    if (replyCode(error) !== "NOSCRIPT") throw error;
    return connections.run(keys[0]!, (redis) => redis.eval(script.lua, keys.length, ...keys, ...args));
  }
}
