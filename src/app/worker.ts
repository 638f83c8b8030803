import { refusalOfOne } from "../errors.ts";
import type { EnqueueRequest } from "../engine/enqueue/prepare-task.ts";
import type { EnqueuedTask } from "../task/call/enqueue-options.ts";
import type { WorkerIdentity } from "../worker/worker-state.ts";
import { Worker } from "../worker/worker.ts";
import type { ChildPools } from "./child-pools.ts";
import type { Services } from "./services.ts";
import { workerIdentity } from "./worker-identity.ts";

export interface WorkerExtras {
  /** Its children, if any. They must have started, and stop after it. */
  readonly pools?: ChildPools;
  /** Its identity. @default that of the settings */
  readonly identity?: WorkerIdentity;
  /** Called when a command ends the worker. @default the worker ends itself */
  readonly onShutdown?: (drain: boolean) => void;
}

/** Creates the worker of an app. */
export function makeWorker(services: Services, extras: WorkerExtras = {}): Worker {
  const { pools, identity = workerIdentity(services.config, services.registry), onShutdown } = extras;
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
      commands: stores.commands,
      settings: services.taskSettings,
      logs: stores.logs,
      broker: delivery.broker,
      signals: delivery.signals,
      publisher,
      recorder: services.recorder(),
      transactions: services.transactionRecorder(),
      enqueue: (context, request) => enqueueOwn(services, { ...request, parentId: context.id }),
      vault: services.vault,
      executorOf: pools?.runnerOf,
      pool: pools ?? null,
      ...(onShutdown ? { onShutdown } : {}),
      log,
    },
    {
      identity,
      everyMs: config.heartbeat,
      liveEveryMs: config.liveHeartbeat,
      graceMs: config.graceTime,
      keepMs: config.resultsExpire,
      middleware: (services.extensions.middleware ?? []).filter(({ run }) => run !== undefined),
      timeLimits: { softMs: config.softTimeLimit, hardMs: config.timeLimit },
      claimIdleAfterMs: config.takeOverAfter,
      maxCrashes: config.maxCrashes,
      logs: { level: config.taskLogLevel, maxLines: config.taskLogLines },
    },
  );
}

/** Enqueues tasks for task code. */
async function enqueueOwn(services: Services, request: EnqueueRequest): Promise<EnqueuedTask> {
  services.refuseStandstill(
    "call ctx.enqueue before or after ctx.transaction, or in it app.enqueue with { em }.",
  );
  const [enqueued] = await services.enqueuer.enqueueMany([request]).catch((error: unknown) => {
    throw refusalOfOne(error);
  });
  const { taskId: id, deduplicated } = enqueued!;
  return { id, deduplicated };
}
