import { hostname } from "node:os";
import type { Config } from "../config/config.ts";
import { Router } from "../engine/enqueue/router.ts";
import type { Registry } from "../task/definition/registry.ts";
import type { WorkerIdentity } from "../worker/worker-state.ts";
import { packageVersion } from "./package-version.ts";

/** Returns the identity of the worker of this process. Without `queues` it fetches from those of its definitions. */
export function workerIdentity(config: Config, registry: Registry): WorkerIdentity {
  const { workerName, queues, excludeQueues, pool, concurrency, autoscale } = config;
  const named = queues.length > 0 ? queues : new Router(registry, config).queuesOfDefinitions();
  return {
    name: workerName,
    hostname: hostname(),
    version: packageVersion(),
    queues: [...new Set(named)].filter((queue) => !excludeQueues.includes(queue)).sort(),
    definitions: registry.names(),
    pool,
    concurrency: autoscale?.min ?? concurrency,
    autoscale,
  };
}
