import type { WorkerIdentity } from "../worker/self.ts";
import { Worker } from "../worker/worker.ts";
import type { ChildPools } from "./child-pools.ts";
import type { Services } from "./services.ts";
import { workerIdentity } from "./worker-identity.ts";

/** The worker of an app. @param pools its children, where it has any; they must have started, and stop after it */
export function makeWorker(
  services: Services,
  pools: ChildPools | null = null,
  identity: WorkerIdentity = workerIdentity(services.config, services.registry),
): Worker {
  const { config, registry, stores, delivery, publisher, log } = services;
  return new Worker(
    {
      registry,
      tasks: stores.tasks,
      workers: stores.workers,
      queues: stores.queues,
      limited: stores.limited,
      limiter: delivery.limiter,
      hints: services.hints,
      logs: stores.logs,
      broker: delivery.broker,
      signals: delivery.signals,
      publisher,
      recorder: services.recorder(),
      transactions: services.transactionRecorder(),
      elsewhere: pools?.runnerOf,
      log,
    },
    {
      identity,
      everyMs: config.heartbeat,
      liveEveryMs: config.liveHeartbeat,
      graceMs: config.graceTime,
      keepMs: config.resultsExpire,
      timeLimits: { softMs: config.softTimeLimit, hardMs: config.timeLimit },
      takeOverAfterMs: config.takeOverAfter,
      maxCrashes: config.maxCrashes,
      logs: { level: config.taskLogLevel, maxLines: config.taskLogLines },
    },
  );
}
