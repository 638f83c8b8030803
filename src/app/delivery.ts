import type { Broker } from "../broker/broker.ts";
import { MemoryBroker } from "../broker/memory-broker.ts";
import { MemorySignals } from "../broker/memory-signals.ts";
import { RedisBroker } from "../broker/redis-broker.ts";
import { RedisSignals } from "../broker/redis-signals.ts";
import type { Signals } from "../broker/signals.ts";
import type { Config } from "../config.ts";
import type { EventStream } from "../events/event-stream.ts";
import { MemoryEventStream } from "../events/memory-event-stream.ts";
import { RedisEventStream } from "../events/redis-event-stream.ts";
import { RedisConnections } from "../lib/redis-connection.ts";
import type { Logger } from "../lib/log.ts";

/** How hints, signals and events travel: by Redis where `redisUrl` is set, else within this process. */
export interface Delivery {
  readonly broker: Broker;
  readonly signals: Signals;
  readonly stream: EventStream;
  /** @throws StartError when Redis cannot be reached (69) or refuses us (77) */
  connect(): Promise<void>;
  close(): Promise<void>;
}

export function openDelivery(config: Config, log: Logger): Delivery {
  const { redisUrl, prefix } = config;
  if (redisUrl === null) return inMemory(log);
  const connections = new RedisConnections({ url: redisUrl, log, name: prefix });
  const broker = new RedisBroker({ connections, prefix, log });
  const signals = new RedisSignals({ connections, prefix, log });
  const stream = new RedisEventStream({ connections, prefix, log });
  return {
    broker,
    signals,
    stream,
    connect: async () => {
      await broker.connect();
      await stream.connect();
    },
    close: async () => {
      await signals.close();
      await stream.close();
      await broker.close();
      await connections.close();
    },
  };
}

function inMemory(log: Logger): Delivery {
  const [broker, signals, stream] = [new MemoryBroker(), new MemorySignals({ log }), new MemoryEventStream()];
  return {
    broker,
    signals,
    stream,
    connect: async () => undefined,
    close: async () => {
      await stream.close();
      await broker.close();
    },
  };
}
