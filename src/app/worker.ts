import type { ProcessPool } from "../worker/pools/process-pool.ts";
import { ProcessRunner } from "../worker/pools/process-runner.ts";
import { Worker } from "../worker/worker.ts";
import type { Services } from "./services.ts";
import { workerIdentity } from "./worker-identity.ts";

/** The worker of an app. @param pool its child processes; they must have started, and stop after it */
export function makeWorker(services: Services, pool: ProcessPool | null = null): Worker {
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
      broker: delivery.broker,
      signals: delivery.signals,
      publisher,
      recorder: services.recorder(),
      transactions: services.transactionRecorder(),
      processes: pool && new ProcessRunner(pool),
      log,
    },
    {
      identity: workerIdentity(config, registry),
      everyMs: config.heartbeat,
      liveEveryMs: config.liveHeartbeat,
      graceMs: config.graceTime,
      keepMs: config.resultsExpire,
      takeOverAfterMs: config.takeOverAfter,
      maxCrashes: config.maxCrashes,
    },
  );
}
