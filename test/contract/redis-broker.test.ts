import { inject } from "vitest";

import { RedisBroker } from "../../src/broker/redis/broker.ts";
import { silentLogger } from "../../src/lib/log/log.ts";
import { RedisConnections } from "../../src/redis/connections.ts";
import { partitionContract } from "./broker-partitions.ts";
import { BLOCK_MS, brokerContract, type BrokerUnderTest } from "./broker.ts";
import { freshPrefix } from "../support/servers/global-servers.ts";

brokerContract("RedisBroker", open);
partitionContract("RedisBroker", open);

async function open(): Promise<BrokerUnderTest> {
  const connections = new RedisConnections({ url: inject("redisUrl"), log: silentLogger });
  const broker = new RedisBroker({
    connections,
    prefix: freshPrefix(),
    log: silentLogger,
    blockMs: BLOCK_MS,
  });
  await broker.connect();
  return {
    broker,
    close: async () => {
      await broker.close();
      await connections.close();
    },
  };
}
