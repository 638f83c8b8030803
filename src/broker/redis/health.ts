import type { Redis } from "ioredis";

import type { RedisConnections } from "../../redis/connections.ts";
import { plainError, replyCode } from "../../redis/errors.ts";
import type { BrokerHealth, DeniedRights } from "../broker.ts";
import { epochKey, GROUP, queueKeys } from "./keys.ts";

/** Facts about one master; null when the user may not send INFO. */
interface Facts {
  readonly version: string | null;
  readonly evictionPolicy: string | null;
}

/**
 * Asks every master. Returns the lowest version, and a policy that evicts if any master has one:
 * one is enough to lose keys.
 *
 * @throws when a master does not answer
 */
export async function redisHealth(
  connections: Pick<RedisConnections, "everywhere">,
): Promise<Omit<BrokerHealth, "denied">> {
  const masters = await connections.everywhere(async (redis): Promise<Facts> => {
    try {
      const [server, memory] = await Promise.all([redis.info("server"), redis.info("memory")]);
      return {
        version: factIn(server, "redis_version"),
        evictionPolicy: factIn(memory, "maxmemory_policy"),
      };
    } catch (error) {
      // The command is forbidden or renamed.
      if (!["NOPERM", "ERR"].includes(replyCode(error) ?? "")) throw error;
      await redis.ping();
      return { version: null, evictionPolicy: null };
    }
  });
  const versions = masters.flatMap(({ version }) => version ?? []).toSorted(compareVersions);
  const policies = masters.map(({ evictionPolicy }) => evictionPolicy);
  const evicts = policies.find((policy) => policy !== null && policy !== "noeviction");
  return { kind: "redis", version: versions[0] ?? null, evictionPolicy: evicts ?? policies[0] ?? null };
}

function factIn(info: string, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? null;
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

type Call = readonly [command: string, ...rest: (string | number)[]];

/** No queue has this name, so its streams never exist. */
const PROBED_QUEUE = "?";
const NO_ENTRY = "0-1";
const CONSUMER = "probe";
/**
 * Codes of replies that do not answer whether a command is allowed; null for errors that are not
 * replies.
 */
const UNANSWERED: ReadonlySet<string | null> = new Set([null, "MOVED", "ASK", "TRYAGAIN"]);

/**
 * Returns every command that Lovage sends, itself or in a script, as a call without effect: the
 * stream and the set do not exist, and none of these calls creates them. Redis checks the user's
 * rights first. XREADGROUP also stands for reads that block: `@blocking` is a category of commands,
 * not of calls.
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

/**
 * Returns a call for each kind of key and channel, for users whose rights are patterns of names.
 */
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
 * @returns the commands that are denied, and how to allow them; null when there are none
 * @throws what connections throw
 */
export async function findDenied(
  connections: Pick<RedisConnections, "run" | "target">,
  prefix: string,
): Promise<DeniedRights | null> {
  const { streams, partitions } = queueKeys(prefix, PROBED_QUEUE);
  const tried = await Promise.all([
    // All keys of a queue are served by one node.
    tryAll(connections, streams[0], harmlessCalls(streams[0], partitions)),
    ...namedCalls(prefix).map((call) => tryAll(connections, String(call[1]), [call])),
  ]);
  const denied = tried.flat();
  if (denied.length === 0) return null;
  const commands = [...new Set(denied.map(({ name }) => name))];
  const rights = commands.map((command) => `+${command.toLowerCase().replace(" ", "|")}`);
  const reason = `${commands.join(", ")} (${denied[0]!.reason})`;
  return {
    what: `Redis at ${connections.target.label} denies its user commands that Lovage needs: ${reason}.`,
    remedy: `Correct the user's rights: ACL SETUSER <name> ${rights.join(" ")} ~{${prefix}* ~${prefix}:* &{${prefix}*`,
  };
}

interface Denied {
  readonly name: string;
  readonly reason: string;
}

/** Sends calls as one pipeline to where the key is served. */
async function tryAll(
  connections: Pick<RedisConnections, "run">,
  key: string,
  calls: readonly Call[],
): Promise<Denied[]> {
  const errors = await connections.run(key, async (redis: Redis) => {
    const pipeline = redis.pipeline();
    for (const call of calls) pipeline.call(...(call as [string, ...string[]]));
    const replies = (await pipeline.exec()) ?? [];
    const found = replies.map(([error]) => error);
    // Without a reply the answer is unknown, and a redirection is for the connections to follow.
    const failure = found.find((error) => error && UNANSWERED.has(replyCode(error)));
    if (failure) throw failure;
    return found;
  });
  // Any other reply than NOPERM means that the command is allowed.
  return calls.flatMap((call, index) => {
    const error = errors[index];
    return replyCode(error) === "NOPERM" ? [{ name: nameOf(call), reason: plainError(error).message }] : [];
  });
}

/** Returns the name of a command, with its subcommand if it has any. */
function nameOf([command, first]: Call): string {
  return ["XGROUP", "XINFO", "CLIENT"].includes(command) ? `${command} ${first}` : command;
}
