import type { Redis } from "ioredis";
import type { RedisConnections } from "../../redis/connections.ts";
import { plainError, replyCode } from "../../redis/errors.ts";
import type { DeniedRights } from "../broker.ts";
import { epochKey, GROUP, queueKeys } from "./keys.ts";

/** What the user of the connection may not do. */
export interface DeniedCommands {
  /** By their names, e.g. `XREADGROUP`. */
  readonly commands: readonly string[];
  /** Redis' reply to the first of them. */
  readonly reason: string;
}

type Call = readonly [command: string, ...rest: (string | number)[]];

/** No queue has this name, so no stream is ever there. */
const PROBED_QUEUE = "?";
const NO_ENTRY = "0-1";
const CONSUMER = "probe";

/**
 * Every command that Lovage sends, itself or in a script, as a call that changes nothing: the stream and the set do not exist, and none of
 * these makes them. Redis looks at the rights of the user first. XREADGROUP stands for the reads that block, too: those are a category of
 * commands (`@blocking`), not of calls.
 */
function harmlessCalls(stream: string, set: string): readonly Call[] {
  return [
    ["XADD", stream, "NOMKSTREAM", "*", "f", "v"],
    ["XLEN", stream],
    ["XRANGE", stream, "-", "+", "COUNT", 1],
    ["XREVRANGE", stream, "+", "-", "COUNT", 1],
    ["XREAD", "COUNT", 1, "STREAMS", stream, "0"],
    ["XREADGROUP", "GROUP", GROUP, CONSUMER, "COUNT", 1, "STREAMS", stream, ">"],
    ["XACK", stream, GROUP, NO_ENTRY],
    ["XDEL", stream, NO_ENTRY],
    ["XTRIM", stream, "MAXLEN", 0],
    ["XPENDING", stream, GROUP],
    ["XCLAIM", stream, GROUP, CONSUMER, 0, NO_ENTRY],
    ["XAUTOCLAIM", stream, GROUP, CONSUMER, 0, "0"],
    ["XGROUP", "CREATE", stream, GROUP, "0"],
    ["XGROUP", "DELCONSUMER", stream, GROUP, CONSUMER],
    ["XINFO", "CONSUMERS", stream, GROUP],
    ["ZADD", set, "XX", 0, "m"],
    ["ZCOUNT", set, 0, 0],
    ["ZRANGE", set, 0, 0],
    ["ZREM", set, "m"],
    ["ZSCORE", set, "m"],
    ["SET", set, "", "XX"],
    ["GET", set],
    ["PTTL", set],
    ["TIME"],
    ["EVAL", "return 1", 1, stream],
    ["EVALSHA", "0".repeat(40), 1, stream],
    ["CLIENT", "ID"],
    ["CLIENT", "UNBLOCK", 0],
  ];
}

/** Keys and channels of each kind, for a user that is bound to patterns of names. */
function namedCalls(prefix: string): readonly Call[] {
  return [
    ["GET", epochKey(prefix)],
    ["GET", `${prefix}:result:${PROBED_QUEUE}`],
    ["GET", `{${prefix}:rate:${PROBED_QUEUE}}:`],
    ["XLEN", `{${prefix}}:events`],
    ["PUBLISH", `{${prefix}}:signals`, "{}"],
  ];
}

/**
 * Tries every command that Lovage needs, without any effect.
 *
 * @returns what the user may not do; null where that is nothing
 * @throws what connections throw
 */
export async function findDeniedCommands(
  connections: Pick<RedisConnections, "run">,
  prefix: string,
): Promise<DeniedCommands | null> {
  const { streams, partitions } = queueKeys(prefix, PROBED_QUEUE);
  const calls = [
    // All keys of a queue are served in one place.
    ...harmlessCalls(streams[0], partitions).map((call) => [streams[0], call] as const),
    ...namedCalls(prefix).map((call) => [String(call[1]), call] as const),
  ];
  const tried = calls.map(async ([key, call]): Promise<readonly [string, Error] | null> => {
    try {
      await connections.run(key, (redis: Redis) => redis.call(...(call as [string, ...string[]])));
      return null;
    } catch (error) {
      if (replyCode(error) === "NOPERM") return [nameOf(call), plainError(error)];
      // Any other reply is one to a command that may be given. Without a reply, nothing is known.
      if (replyCode(error) !== null) return null;
      throw error;
    }
  });
  const denied = (await Promise.all(tried)).flatMap((one) => (one ? [one] : []));
  const [first] = denied;
  return first ? { commands: [...new Set(denied.map(([name]) => name))], reason: first[1].message } : null;
}

/** Of a command that is several, the one of them that is called, too. */
function nameOf([command, first]: Call): string {
  return ["XGROUP", "XINFO", "CLIENT"].includes(command) ? `${command} ${first}` : command;
}

export function describeDenied(
  { commands, reason }: DeniedCommands,
  { label, prefix }: { readonly label: string; readonly prefix: string },
): DeniedRights {
  const rights = commands.map((command) => `+${command.toLowerCase().replace(" ", "|")}`);
  return {
    what: `Redis at ${label} denies its user commands that Lovage needs: ${commands.join(", ")} (${reason}).`,
    remedy: `Correct the user's rights: ACL SETUSER <name> ${rights.join(" ")} ~{${prefix}* ~${prefix}:* &{${prefix}*`,
  };
}
