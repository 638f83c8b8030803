import { refusalOfOne, DefinitionError } from "../errors.ts";
import type { EnqueueRequest } from "../engine/enqueue/prepare-task.ts";
import type { EnqueuedTask } from "../task/call/enqueue-options.ts";
import type { WorkerIdentity } from "../worker/worker-state.ts";
import { Worker } from "../worker/worker.ts";
import type { AppExtensions, Services } from "./services.ts";
import { hostname } from "node:os";
import { packageVersion } from "../loading/own-package.ts";
import type { Config } from "../config/config.ts";
import { Router } from "../engine/enqueue/router.ts";
import type { Registry } from "../task/definition/registry.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Service } from "../lib/async/service.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import type { IsolatedPool } from "../task/definition/pool.ts";
import type { ChildKind } from "../worker/pools/parent/process-handle.ts";
import { ChildPool } from "../worker/pools/parent/child-pool.ts";
import { ChildRunner } from "../worker/pools/parent/child-runner.ts";
import { Processes } from "../worker/pools/parent/process-child.ts";
import { Threads } from "../worker/pools/parent/thread-child.ts";
import type { Executor } from "../worker/attempt/attempt.ts";
import type { ResizablePool } from "../worker/runtime-settings.ts";

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
  const { config, registry, stores, messaging, publisher, log } = services;
  return new Worker(
    {
      registry,
      tasks: stores.tasks,
      workers: stores.workers,
      queues: stores.queues,
      limited: stores.limited,
      limiter: messaging.limiter,
      hints: services.hints,
      control: stores.control,
      settings: services.overrides,
      logs: stores.logs,
      broker: messaging.broker,
      signals: messaging.signals,
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
    "call ctx.enqueue before or after ctx.transaction, or in it app.enqueue with { transaction: em }.",
  );
  const [enqueued] = await services.enqueuer.enqueueMany([request]).catch((error: unknown) => {
    throw refusalOfOne(error);
  });
  const { taskId: id, deduplicated } = enqueued!;
  return { id, deduplicated };
}

/**
 * Returns the identity of the worker of this process. Without `queues` it fetches from those of its
 * definitions.
 */
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

export interface ChildPoolsParts {
  readonly config: Pick<
    Config,
    "pool" | "autoscale" | "concurrency" | "poolSize" | "maxMemoryPerChild" | "maxTasksPerChild"
  >;
  readonly registry: Registry;
  readonly log: Logger;
  /** @default none */
  readonly extensions?: AppExtensions;
}

/** The child processes and threads of a worker. There are none if no definition uses them. */
export class ChildPools implements Service, ResizablePool {
  readonly #pools = new Map<IsolatedPool, { readonly pool: ChildPool; readonly runner: ChildRunner }>();

  /**
   * @throws DefinitionError with every definition that runs in a child but does not come from a
   *   file
   */
  constructor(private readonly parts: ChildPoolsParts) {
    const { registry } = parts;
    const isolated = registry.all().filter((definition) => this.#poolOf(definition) !== null);
    const unknown = isolated.filter(({ name }) => registry.pathOf(name) === undefined);
    if (unknown.length > 0) throw new DefinitionError(this.#refusal(unknown));
    for (const kind of [new Threads(), new Processes()]) {
      const theirs = isolated.filter((definition) => this.#poolOf(definition) === kind.pool);
      if (theirs.length > 0) this.#add(kind, theirs);
    }
  }

  start = async (): Promise<void> => {
    for (const { pool } of this.#pools.values()) await pool.start();
  };

  stop = async (): Promise<void> => {
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.stop()));
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Limits the children to the concurrency of the worker. */
  resize(concurrency: number): void {
    for (const { pool } of this.#pools.values()) pool.resize(this.#sizeFor(concurrency));
  }

  /** Replaces all children, one after another, each when it is idle. */
  restart(): void {
    for (const { pool } of this.#pools.values()) pool.restart();
  }

  /** Returns the executor of a definition; null if it runs in the thread of the worker. */
  runnerOf = (definition: AnyTaskDefinition): Executor | null => {
    const pool = this.#poolOf(definition);
    return pool && this.#pools.get(pool)!.runner;
  };

  #poolOf(definition: AnyTaskDefinition): IsolatedPool | null {
    const pool = definition.pool ?? this.parts.config.pool;
    return pool === "async" ? null : pool;
  }

  #sizeFor(concurrency: number): number {
    return Math.min(concurrency, this.parts.config.poolSize);
  }

  #add(kind: ChildKind, definitions: readonly AnyTaskDefinition[]): void {
    const { config, registry, log, extensions = {} } = this.parts;
    const { autoscale, concurrency, maxMemoryPerChild, maxTasksPerChild } = config;
    const pool = new ChildPool({
      kind,
      size: this.#sizeFor(autoscale?.min ?? concurrency),
      maxMemoryPerChild,
      maxTasksPerChild,
      files: [...new Set(definitions.map(({ name }) => registry.pathOf(name)!))],
      // Without middleware the file is not loaded.
      configFile: extensions.middleware?.some(({ run }) => run !== undefined)
        ? (extensions.file ?? null)
        : null,
      cwd: process.cwd(),
      log,
    });
    this.#pools.set(kind.pool, { pool, runner: new ChildRunner(pool) });
  }

  #refusal(definitions: readonly AnyTaskDefinition[]): string {
    const named = definitions.map((definition) => {
      const whose = definition.pool === null ? "by the worker's setting LOVAGE_POOL" : "by its definition";
      return `${JSON.stringify(definition.name)} (pool "${this.#poolOf(definition)}" ${whose})`;
    });
    return (
      `Tasks that run in child processes or threads must come from files, which the children load. These were passed as values: ` +
      `${named.join(", ")}. Run them by \`lovage worker\` or \`lovage up\`, which find files by --tasks or LOVAGE_TASKS, or in the pool "async".`
    );
  }
}
