import { afterAll, beforeAll } from "vitest";

import { clusterContract } from "../contract/redis-cluster.ts";
import { sentinelContract } from "../contract/redis-sentinel.ts";
import { ioredisConnections } from "../contract/ioredis-connections.ts";
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

clusterContract(
  "ioredis' own connections to a cluster",
  {
    make: ioredisConnections,
    fails: [
      "a master that falls silent fails its keys within the deadline, then at once for good",
      "a read that blocks is ended without losing its connection",
      "a subscription is made again when its socket is dead without notice",
      "finds nodes that do not know where they are reached",
    ],
  },
  () => cluster,
);
sentinelContract(
  "ioredis' own connections under sentinels",
  {
    make: ioredisConnections,
    fails: [
      "a connection that must restart while it asks sentinels does so",
      "the error names the server that refused it, and a sentinel that does not know the master",
    ],
  },
  () => set,
);
