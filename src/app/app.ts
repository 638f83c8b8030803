import { AppWorkers } from "./app-workers.ts";
import { type Messaging, openMessaging } from "./messaging.ts";
import {
  type AppDescription,
  type BroadcastOptions,
  checkDefinition,
  checkItems,
  checkWorkerNames,
  type InTransaction,
} from "./calls.ts";
import { makeHandle, type TaskHandle } from "./handle.ts";
import { healthChecks } from "./health.ts";
import {
  refusePendingMigrations,
  refusePlainSecretKeys,
  warnOfNoWorker,
  warnOfPlainSecrets,
} from "./start-checks.ts";
import { AppSchedules, reconcileCodeSchedules } from "./schedules.ts";
import { AppStatistics } from "./statistics.ts";
import { type AppExtensions, Services } from "./services.ts";
import { openDatabase, openStores } from "./adapters.ts";
import { ChildPools, makeWorker, workerIdentity } from "./worker.ts";
import type { Config } from "../config/config.ts";
import type { TaskExplanation } from "../engine/enqueue/explainer.ts";
import type { EnqueueRequest } from "../engine/enqueue/prepare-task.ts";
import { LazyEventFeed } from "../engine/events/event-feed.ts";
import { refusalOfOne, RefusedError } from "../errors.ts";
import type { HttpServer } from "../graphql/http/server.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Json } from "../lib/json/json.ts";
import { packageVersion } from "../loading/own-package.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Service } from "../lib/async/service.ts";
import type { PgDatabase } from "../store/connection/pg-database.ts";
import type { EntityManager } from "../task/definition/context.ts";
import type { TaskDefinition } from "../task/definition/definition.ts";
import type { EnqueueOptions } from "../task/call/enqueue-options.ts";
import { type FoundDefinition, Registry } from "../task/definition/registry.ts";
import type { Worker } from "../worker/worker.ts";

export { openMessaging } from "./messaging.ts";
export { openDatabase, openStores } from "./adapters.ts";

/**
 * What an app does besides enqueueing: serve GraphQL, run tasks, run the maintenance loops, turn
 * schedules into tasks.
 */
export type AppRole = "server" | "worker" | "maintenance" | "beat";

export interface AppOptions {
  readonly config: Config;
  readonly tasks: readonly FoundDefinition[];
  readonly roles: readonly AppRole[];
  readonly log: Logger;
  /** Hooks and middleware, checked. @default none */
  readonly extensions?: AppExtensions;
  /**
   * Called when a command ends the worker of an app that has no other role: after its running
   * tasks, or at once.
   * @default the worker ends, and the app goes on
   */
  readonly onShutdown?: (drain: boolean) => void;
  /** Parts that replace those of the settings. @default none */
  readonly parts?: AppParts;
}

/** Parts that a test gives to an app. */
export interface AppParts {
  readonly database: PgDatabase;
  readonly messaging: Messaging;
  readonly clock: Clock;
  /** Receives the parts of the engine when they are connected. */
  readonly onConnected: (services: Services) => Promise<void>;
  /** An enqueue awaits this before it returns. */
  readonly onEnqueued: () => Promise<void>;
}

/** How long a stop waits for running hooks. */
const HOOKS_MS = 5_000;
const NOT_STARTED = "The app is not started: await app.start() first.";

/** The composition root: only this class knows which adapters implement the ports. */
export class App implements Service {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #registry: Registry;
  readonly #roles: ReadonlySet<AppRole>;
  readonly #onShutdown: AppOptions["onShutdown"];
  readonly #database: PgDatabase;
  readonly #messaging: Messaging;
  readonly #feed: LazyEventFeed;
  readonly #extensions: AppExtensions;
  readonly #parts: AppParts | null;
  /** Schedules: create, change and read them. */
  readonly schedules: AppSchedules = new AppSchedules(() => this.#ready);
  /** Workers: read them and send them commands. */
  readonly workers: AppWorkers = new AppWorkers(() => this.#ready);
  /** Statistics of ended tasks: counts, run times, failures. */
  readonly statistics: AppStatistics = new AppStatistics(() => this.#ready);
  /** Started parts in order; they stop in reverse order. */
  readonly #started: Service[] = [];
  #services: Services | null = null;
  #worker: Worker | null = null;
  #server: HttpServer | null = null;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  /** @throws DefinitionError if definitions conflict; ConfigError for an invalid URL */
  constructor(options: AppOptions) {
    this.#config = options.config;
    this.#log = options.log;
    this.#registry = new Registry(options.tasks);
    this.#roles = new Set(options.roles);
    this.#extensions = options.extensions ?? {};
    if (options.onShutdown && this.#roles.size === 1) this.#onShutdown = options.onShutdown;
    this.#parts = options.parts ?? null;
    this.#database = this.#parts?.database ?? openDatabase(options.config, options.log);
    this.#messaging = this.#parts?.messaging ?? openMessaging(options.config, options.log);
    this.#feed = new LazyEventFeed(this.#messaging.stream, options.log);
  }

  /**
   * Connects and starts the roles. The server comes last.
   *
   * @throws StartError if something that it needs is unreachable, in use, or refuses it
   * @throws ConfigError if migrations are pending or the database is newer, if a limit key needs
   *   `encryptionKeys`, or if a schedule of the code is invalid
   */
  start = async (): Promise<void> => {
    try {
      this.#starting ??= this.#startAll();
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  };

  /**
   * Stops the parts in reverse order. Requeues tasks that do not end within the grace time. May be
   * called twice.
   */
  stop = (): Promise<void> => {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Ends the grace time of a stop: running tasks are requeued at once. */
  requeue(): void {
    this.#worker?.requeue();
  }

  /**
   * Enqueues one task. When it resolves, the task is committed. With `transaction`, the task is
   * committed if and only if that transaction is.
   *
   * @throws RefusedError if the input or the options are invalid; nothing was enqueued
   * @throws UnavailableError if the database does not answer. The task may exist: enqueue it again
   *   with the same `idempotencyKey`, which never creates a second task
   * @throws TypeError if `transaction` is not an open transaction of the app's database
   */
  async enqueue<I, O>(
    definition: TaskDefinition<I, O>,
    input: I,
    options?: EnqueueOptions & InTransaction,
  ): Promise<TaskHandle<O>> {
    const { transaction, ...rest } = options ?? {};
    const item = options ? { input, options: rest } : { input };
    const within = transaction === undefined ? {} : { transaction };
    const [handle] = await this.enqueueMany(definition, [item], within).catch((error: unknown) => {
      throw refusalOfOne(error);
    });
    return handle!;
  }

  /**
   * Enqueues many tasks of one definition, all or none. Throws what `enqueue` throws; paths begin
   * with the index.
   */
  async enqueueMany<I, O>(
    definition: TaskDefinition<I, O>,
    items: readonly { readonly input: I; readonly options?: EnqueueOptions }[],
    { transaction }: InTransaction = {},
  ): Promise<TaskHandle<O>[]> {
    checkDefinition(definition);
    checkItems(items);
    const requests = items.map(({ input, options }): EnqueueRequest => ({
      name: definition.name,
      args: input as Json,
      ...(options ? { options } : {}),
    }));
    const { enqueuer, transactional } = this.#ready;
    if (transaction === undefined) this.#ready.refuseStandstill("it needs { transaction: em }.");
    const enqueued = await (transaction === undefined
      ? enqueuer.enqueueMany(requests)
      : transactional.enqueueMany(requests, transaction));
    await this.#parts?.onEnqueued();
    return enqueued.map(({ taskId, deduplicated }) =>
      this.#handle<O>(taskId, deduplicated, transaction !== undefined),
    );
  }

  /**
   * Enqueues one task for each live worker that knows the definition, all or none. Only that worker
   * runs it. `workers` selects workers by name. Without `expiresIn`, the task of a worker that dies
   * waits until a worker of the same name starts.
   *
   * @returns handles in the order of `workers`, or of the names of all workers
   * @throws RefusedError as `enqueue` does; NO_WORKER_REPLIED if no worker is live; NOT_FOUND for a
   *   name that no live worker has
   */
  async broadcast<I, O>(
    definition: TaskDefinition<I, O>,
    input: I,
    options: BroadcastOptions = {},
  ): Promise<TaskHandle<O>[]> {
    const { workers = null, ...rest } = options;
    checkDefinition(definition);
    checkWorkerNames(workers);
    const request = { name: definition.name, args: input as Json, options: rest };
    const { enqueued } = await this.#ready.broadcaster.broadcast(request, workers, null);
    return enqueued.map(({ taskId, deduplicated }) => this.#handle<O>(taskId, deduplicated));
  }

  /**
   * Returns what `enqueue` would do, as a dry run: mistakes, queue and priority with their reasons,
   * workers that could run the task.
   */
  async explain<I, O>(
    definition: TaskDefinition<I, O>,
    input: I,
    options: EnqueueOptions = {},
  ): Promise<TaskExplanation> {
    checkDefinition(definition);
    return this.#ready.explainer.explain({ name: definition.name, args: input as Json, options });
  }

  /**
   * Returns a new EntityManager of the app's database, for writes in the same transaction as an
   * enqueue: `app.em().transactional(async (em) => { await em.execute("…"); await app.enqueue(task,
   * input, { transaction: em }); })`. It has no entities of yours; an ORM with its own entities works, too, on
   * the same PostgreSQL. A transaction holds one of ten connections of the app, and the only one of
   * the embedded database: keep it short.
   */
  em(): EntityManager {
    if (!this.#services) throw new Error(NOT_STARTED);
    return this.#database.orm.em.fork();
  }

  /**
   * Returns the handle of an earlier task.
   *
   * @throws RefusedError (NOT_FOUND)
   */
  async task(id: string): Promise<TaskHandle<unknown>> {
    const [task] = await this.#ready.stores.reader.byIds([id]);
    if (!task)
      throw new RefusedError([{ code: "NOT_FOUND", path: ["id"], message: `Task ${id} does not exist.` }]);
    return this.#handle(id, false);
  }

  /**
   * Resolves when the embedded database has ended by itself, for example on a full disk. Only a new
   * process helps then.
   */
  get databaseLost(): Promise<Error> {
    return this.#database.lost;
  }

  describe(): AppDescription {
    const { databaseUrl, redisUrl } = this.#config;
    return {
      version: packageVersion(),
      broker: redisUrl === null ? "memory" : "redis",
      database: databaseUrl === null ? "embedded" : "postgresql",
      worker: this.#roles.has("worker") ? workerIdentity(this.#config, this.#registry) : null,
      beat: this.#roles.has("beat"),
      definitions: this.#registry.all(),
      url: this.#server?.url ?? null,
    };
  }

  get #ready(): Services {
    if (!this.#services) throw new Error(NOT_STARTED);
    return this.#services;
  }

  async #startAll(): Promise<void> {
    await this.#connect();
    await this.#startRoles();
  }

  async #connect(): Promise<void> {
    refusePlainSecretKeys(this.#config, this.#registry);
    const { databaseUrl, migrate } = this.#config;
    const embedded = databaseUrl === null;
    await this.#database.connect();
    await this.#messaging.connect();
    if (embedded || migrate) await this.#database.migrate();
    // An app that only enqueues needs fewer rights.
    const works = this.#roles.size > 0;
    if (works) await this.#database.checkRights();
    await refusePendingMigrations(this.#database);
    if (works) await this.#database.checkWrite();
    warnOfPlainSecrets(this.#config, this.#registry, this.#log);
    // An app for tests runs its tasks by itself.
    if (this.#parts === null) warnOfNoWorker(this.#config, this.#roles, this.#log);
    const stores = openStores(this.#database);
    this.#services = new Services(
      this.#config,
      this.#registry,
      stores,
      this.#messaging,
      this.#parts?.clock ?? systemClock,
      this.#log,
      this.#extensions,
    );
    await this.#parts?.onConnected(this.#services);
    if (works) await this.#services.storeDefinitions();
    // Only this process uses the embedded database: every earlier worker has ended.
    if (embedded) await stores.workers.markLost(0);
  }

  async #startRoles(): Promise<void> {
    if (this.#roles.has("maintenance")) for (const loop of this.#ready.maintenance()) await this.#begin(loop);
    if (this.#roles.has("beat")) await this.#startBeat();
    if (this.#roles.has("worker")) await this.#startWorker();
    if (this.#roles.has("server")) {
      this.#server = await this.#makeServer();
      await this.#begin(this.#server);
    }
  }

  async #startWorker(): Promise<void> {
    const pools = new ChildPools(this.#ready);
    await this.#begin(pools);
    const onShutdown = this.#onShutdown;
    this.#worker = makeWorker(this.#ready, { pools, ...(onShutdown ? { onShutdown } : {}) });
    await this.#begin(this.#worker);
  }

  async #startBeat(): Promise<void> {
    await reconcileCodeSchedules(this.#ready);
    await this.#begin(this.#ready.beat());
  }

  async #begin(service: Service): Promise<void> {
    if (this.#stopping) throw new Error("The app was stopped while it started.");
    this.#started.push(service);
    await service.start();
  }

  async #stopAll(): Promise<void> {
    // A part that is being opened could not be closed otherwise. No part starts any more, and
    // connecting has time limits.
    await this.#starting?.catch(() => undefined);
    for (const service of this.#started.splice(0).reverse()) {
      await service
        .stop()
        .catch((error: unknown) => this.#log.error("A part did not stop cleanly", { err: error }));
    }
    await this.#feed.stop();
    await this.#services?.logFeed.stop();
    await this.#services?.publisher.flush();
    await this.#services?.hookCaller?.flush(HOOKS_MS);
    await this.#messaging.close();
    await this.#database.close();
  }

  #handle<O>(id: string, deduplicated: boolean, inTransaction = false): TaskHandle<O> {
    const { stores, results, taskControl, logFeed } = this.#ready;
    const parts = {
      ...{ results, logFeed, taskControl },
      reader: stores.reader,
      logs: stores.reads.logs,
      feed: this.#feed.get,
    };
    return makeHandle<O>(parts, { id, deduplicated, inTransaction });
  }

  async #makeServer(): Promise<HttpServer> {
    const { makeServer } = await import("./server.ts");
    const { version, broker, database } = this.describe();
    const { timeZone } = this.#config;
    return makeServer({
      config: this.#config,
      services: this.#ready,
      feed: await this.#feed.get(),
      info: { version, broker, database, timeZone, startedAt: systemClock.now() },
      scope: this.#database.scope,
      health: healthChecks({
        database: this.#database,
        broker: this.#messaging.broker,
        loops: () => this.#started.flatMap((service) => service.loops ?? []),
      }),
    });
  }
}
