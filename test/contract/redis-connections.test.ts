import { afterAll, beforeAll } from "vitest";

import { silentLogger as log } from "../../src/lib/log/log.ts";
import { RedisConnections } from "../../src/redis/connections.ts";
import { clusterContract } from "./redis-cluster.ts";
import { sentinelContract } from "./redis-sentinel.ts";
import { type RedisCluster, startRedisCluster } from "../support/servers/redis-cluster.ts";
import { type RedisSentinelSet, startSentinels } from "../support/servers/redis-sentinel.ts";

let cluster: RedisCluster;
let set: RedisSentinelSet;

beforeAll(async () => {
  [cluster, set] = await Promise.all([
    startRedisCluster(),
    startSentinels({ sentinelPassword: "s3ntinel+pass" }),
  ]);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await set[Symbol.asyncDispose]();
});

const ours = { make: (url: string) => new RedisConnections({ url, log }) };
clusterContract("connections to a cluster", ours, () => cluster);
sentinelContract("connections under sentinels", ours, () => set);
