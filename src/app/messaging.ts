import type { Broker, BrokerHealth } from "../broker/broker.ts";
import { MemoryBroker } from "../broker/memory/broker.ts";
import { MemoryRateLimiter } from "../broker/memory/rate-limiter.ts";
import { MemorySignals } from "../broker/memory/signals.ts";
import type { RateLimiter } from "../broker/rate-limiter.ts";
import { RedisBroker } from "../broker/redis/broker.ts";
import { RedisRateLimiter } from "../broker/redis/rate-limiter.ts";
import { RedisSignals } from "../broker/redis/signals.ts";
import type { Signals } from "../broker/signals.ts";
import type { Config } from "../config/config.ts";
import { StartError } from "../errors.ts";
import type { EventStream } from "../events/event-stream.ts";
import { MemoryEventStream } from "../events/memory/event-stream.ts";
import { RedisEventStream } from "../events/redis/event-stream.ts";
import { RedisConnections } from "../redis/connections.ts";
import type { Logger } from "../lib/log/log.ts";
import { RedisResultStore, type ResultStore } from "../store/results/result-store.ts";

/**
 * Messaging of hints, signals and events: by Redis if `redisUrl` is set, else within this process.
 */
export interface Messaging {
  readonly broker: Broker;
  readonly signals: Signals;
  readonly limiter: RateLimiter;
  readonly stream: EventStream;
  /** The store of external outputs; null without Redis. */
  readonly results: ResultStore | null;
  /**
   * Warns about a Redis that may evict keys.
   *
   * @throws StartError if Redis is unreachable (69), refuses this client (77), or may evict keys in
   *   production (78)
   */
  connect(): Promise<void>;
  close(): Promise<void>;
}

export function openMessaging(config: Config, log: Logger): Messaging {
  const { redisUrl, prefix, production } = config;
  if (redisUrl === null) return inMemory(log);
  const connections = new RedisConnections({ url: redisUrl, log, name: prefix });
  const broker = new RedisBroker({ connections, prefix, log });
  const signals = new RedisSignals({ connections, prefix, log });
  const stream = new RedisEventStream({ connections, prefix, log });
  return {
    broker,
    signals,
    stream,
    limiter: new RedisRateLimiter({ connections, prefix }),
    results: new RedisResultStore({ connections, prefix }),
    connect: async () => {
      await broker.connect();
      await stream.connect();
      // A start does not fail because a part of the cluster is unreachable.
      const health = await broker.health().catch(() => null);
      checkEviction(health, connections.target.label, production, log);
    },
    close: async () => {
      await signals.close();
      await stream.close();
      await broker.close();
      await connections.close();
    },
  };
}

function checkEviction(health: BrokerHealth | null, label: string, production: boolean, log: Logger): void {
  const evictionPolicy = health?.evictionPolicy ?? null;
  if (evictionPolicy === null) {
    return log.debug("Redis' eviction policy is unknown; it must be noeviction", { redis: label });
  }
  if (evictionPolicy === "noeviction") return;
  const what =
    `Redis at ${label} has the maxmemory-policy ${evictionPolicy}: when its memory is full it drops hints and events without an error, ` +
    `and tasks would wait for the sweeper.`;
  const remedy = "Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)";
  if (production) throw new StartError(`${what} ${remedy}, or use a separate Redis for Lovage.`, 78);
  log.warn(`${what} ${remedy}: in production, Lovage refuses to start on it`);
}

function inMemory(log: Logger): Messaging {
  const [broker, signals, stream] = [new MemoryBroker(), new MemorySignals({ log }), new MemoryEventStream()];
  return {
    broker,
    signals,
    stream,
    limiter: new MemoryRateLimiter(),
    results: null,
    connect: async () => undefined,
    close: async () => {
      await stream.close();
      await broker.close();
    },
  };
}
