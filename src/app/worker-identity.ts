import { hostname } from "node:os";
import type { Config } from "../config.ts";
import type { Registry } from "../task/registry.ts";
import type { WorkerIdentity } from "../worker/self.ts";
import { packageVersion } from "./package-version.ts";

/** Who the worker of this process is. Without queues of its own it takes those that its definitions name. */
export function workerIdentity(config: Config, registry: Registry): WorkerIdentity {
  const { workerName, queues, excludeQueues, pool, concurrency } = config;
  const named =
    queues.length > 0 ? queues : ["default", ...registry.all().map((definition) => definition.queue)];
  return {
    name: workerName,
    hostname: hostname(),
    version: packageVersion(),
    queues: [...new Set(named)].filter((queue) => !excludeQueues.includes(queue)).sort(),
    definitions: registry.names(),
    pool,
    concurrency,
  };
}
