import type { RedisConnections } from "../../redis/connections.ts";
import { replyCode } from "../../redis/errors.ts";
import type { BrokerHealth } from "../broker.ts";

/** What one master says of itself; null where our user may not ask. */
interface Facts {
  readonly version: string | null;
  readonly evictionPolicy: string | null;
}

/**
 * Asks every master. Of several, the lowest version counts, and the first policy that evicts: one of them is enough to do harm.
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
      // Forbidden, or renamed away.
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
