import type { Signals } from "../broker/signals.ts";
import type { Config } from "../config/config.ts";
import { Beat } from "../engine/schedules/beat.ts";
import { Dispatcher } from "../engine/maintenance/dispatcher.ts";
import { Broadcaster } from "../engine/enqueue/broadcaster.ts";
import { Enqueuer } from "../engine/enqueue/enqueuer.ts";
import { Explainer } from "../engine/enqueue/explainer.ts";
import { HintSender } from "../engine/enqueue/hint-sender.ts";
import { Janitor } from "../engine/maintenance/janitor.ts";
import { LogFeed } from "../engine/logs/log-feed.ts";
import { Publisher } from "../engine/events/publisher.ts";
import { QueueControl } from "../engine/control/queue-control.ts";
import { Recorder } from "../engine/outcome/recorder.ts";
import { Repair } from "../engine/maintenance/repair.ts";
import { Results } from "../engine/outcome/results.ts";
import { RollUp } from "../engine/maintenance/roll-up.ts";
import { Router } from "../engine/enqueue/router.ts";
import { storedDefinitionOf } from "../engine/enqueue/stored-definitions.ts";
import { ScheduleControl } from "../engine/schedules/schedule-control.ts";
import { ScheduledTasks } from "../engine/schedules/scheduled-tasks.ts";
import { SlotDecider } from "../engine/schedules/slot-decider.ts";
import { Statistics } from "../engine/statistics.ts";
import type { EnqueueSettings } from "../engine/enqueue/make-row.ts";
import { Sweeper } from "../engine/maintenance/sweeper.ts";
import { TaskControl } from "../engine/control/task-control.ts";
import { TaskOverrideControl } from "../engine/control/task-override-control.ts";
import { WorkerCommands } from "../engine/control/worker-commands.ts";
import { WorkerControl } from "../engine/control/worker-control.ts";
import { TransactionRecorder } from "../engine/outcome/transaction-recorder.ts";
import { TransactionalEnqueuer } from "../engine/enqueue/transactional-enqueuer.ts";
import { HookCaller } from "../engine/outcome/hook-caller.ts";
import { Vault } from "../task/sensitive/vault.ts";
import type { Clock } from "../lib/clock.ts";
import { Keyring } from "../lib/keyring.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Service } from "../lib/async/service.ts";
import type { Messaging } from "./messaging.ts";
import type { Stores } from "./adapters.ts";
import type { Registry } from "../task/definition/registry.ts";
import { keepMsFor } from "../task/records/results.ts";
import { RuntimeOverrides } from "../task/records/task-overrides.ts";
import type { Extensions } from "../task/definition/middleware.ts";

/** Dispatchers look at least this often: a task that is due later needs no notification. */
const DISPATCHER_SLEEP_MS = 1_000;

/** Settings of the app for all enqueued tasks. */
function enqueueSettingsOf({ encryptionKeys, resultBackend }: Config, hasRedis: boolean): EnqueueSettings {
  return { resultBackend, hasRedis, vault: new Vault(encryptionKeys && new Keyring(encryptionKeys)) };
}

function commandPartsOf({ workers, control: store }: Stores, signals: Signals) {
  return { workers, store, commands: new WorkerCommands(signals) };
}

/** The parts of the engine that all roles of an app share. */
export class Services {
  readonly router: Router;
  /** Null if there are no hooks. */
  readonly hookCaller: HookCaller | null;
  readonly publisher: Publisher;
  readonly hints: HintSender;
  readonly results: Results;
  readonly vault: Vault;
  readonly repair: Repair;
  readonly enqueuer: Enqueuer;
  readonly transactional: TransactionalEnqueuer;
  readonly broadcaster: Broadcaster;
  readonly explainer: Explainer;
  readonly taskControl: TaskControl;
  readonly queueControl: QueueControl;
  readonly schedules: ScheduleControl;
  readonly workerControl: WorkerControl;
  readonly taskOverrideControl: TaskOverrideControl;
  /**
   * Runtime overrides of definitions, as this process last read them. Its worker keeps them up to
   * date.
   */
  readonly overrides: RuntimeOverrides;
  readonly logFeed: LogFeed;
  readonly statistics: Statistics;
  readonly #scheduled: ScheduledTasks;

  constructor(
    readonly config: Config,
    readonly registry: Registry,
    readonly stores: Stores,
    readonly messaging: Pick<Messaging, "broker" | "signals" | "stream" | "results" | "limiter">,
    readonly clock: Clock,
    readonly log: Logger,
    readonly extensions: AppExtensions = {},
  ) {
    const { tasks, maintenance, taskControl, reader, dryRun, queues, reads } = stores;
    const { broker, signals, stream } = messaging;
    const keepMs = keepMsFor(config.resultsExpire, "REVOKED");
    this.hookCaller = makeHookCaller(extensions, registry, log);
    const publisher = new Publisher(stream, log, this.hookCaller?.observe);
    const hints = new HintSender(broker, publisher, log);
    const router = new Router(registry, config);
    this.router = router;
    this.publisher = publisher;
    this.hints = hints;
    this.results = new Results(messaging.results, log);
    const settings = enqueueSettingsOf(config, messaging.results !== null);
    this.vault = settings.vault;
    this.repair = new Repair(maintenance, broker, hints, log);
    const middleware = extensions.middleware?.filter(({ enqueue }) => enqueue !== undefined) ?? [];
    const enqueuer = new Enqueuer({
      ...{ registry, router, hints, publisher, clock, settings, middleware },
      store: tasks,
      onDelayed: this.#onDelayed,
    });
    this.enqueuer = enqueuer;
    this.transactional = new TransactionalEnqueuer({ enqueuer, signals, callers: stores.callers });
    this.broadcaster = new Broadcaster({ enqueuer, workers: stores.workers });
    const { workers, control } = reads;
    this.explainer = new Explainer({ registry, router, clock, dryRun, workers, control, settings });
    const announcing = { hints, publisher, signals, keepMs };
    const { repair, vault } = this;
    this.taskControl = new TaskControl({ ...announcing, reader, enqueuer, vault, store: taskControl });
    this.queueControl = new QueueControl({ ...announcing, queues, broker, taskControl, repair });
    this.overrides = new RuntimeOverrides(registry);
    const commanding = { ...commandPartsOf(stores, signals), publisher };
    this.workerControl = new WorkerControl(commanding);
    this.taskOverrideControl = new TaskOverrideControl({ ...commanding, registry });
    this.logFeed = new LogFeed({ store: reads.logs, signals, clock, log });
    this.statistics = new Statistics(stores.stats);
    this.#scheduled = new ScheduledTasks(registry, clock, router, settings);
    this.schedules = new ScheduleControl({
      ...{ registry, router, tasks, enqueuer, publisher, signals, clock, vault },
      ...{ store: stores.schedules, scheduled: this.#scheduled, timeZone: config.timeZone },
    });
  }

  /** Stores the definitions of this app, for enqueues by SQL. */
  async storeDefinitions(): Promise<void> {
    const { registry, router, stores, config, messaging } = this;
    const settings = enqueueSettingsOf(config, messaging.results !== null);
    const definitions = registry.all().map((one) => storedDefinitionOf(one, router, settings));
    await stores.definitions.store(definitions);
  }

  /** Creates the loop that turns slots into tasks. */
  beat(): Beat {
    const { stores, messaging, config, enqueuer, publisher, hints, log } = this;
    const decider = new SlotDecider(this.#scheduled);
    return new Beat(
      { store: stores.beat, decider, enqueuer, hints, publisher, signals: messaging.signals, log },
      { keepMs: keepMsFor(config.resultsExpire, "REVOKED") },
      (error) => log.warn("The beat failed; it goes on", { err: error }),
    );
  }

  /** Creates the maintenance loops, in the order of their start. */
  maintenance(): Service[] {
    const { stores, messaging, config, enqueuer, publisher, hints, repair, clock, log } = this;
    const onError = (loop: string) => (error: unknown) =>
      log.warn(`The ${loop} failed; it goes on`, { err: error });
    const { maintenance, workers } = stores;
    return [
      new Sweeper(
        { maintenance, workers, repair, hints, publisher, clock, log },
        {
          everyMs: config.sweepEvery,
          workerLostAfterMs: config.workerLostAfter,
          maxCrashes: config.maxCrashes,
          keepMs: config.resultsExpire,
        },
        onError("sweeper"),
      ),
      new Dispatcher(
        { store: maintenance, enqueuer, hints, publisher, signals: messaging.signals },
        onError("dispatcher"),
        { maxSleepMs: DISPATCHER_SLEEP_MS },
      ),
      new Janitor({ maintenance, workers, control: stores.control }, onError("janitor")),
      new RollUp(stores.statMaintenance, onError("roll-up")),
    ];
  }

  /**
   * The embedded database has one connection: an enqueue inside a transaction would wait for that
   * transaction, which waits for the enqueue.
   *
   * @throws TypeError with the remedy, inside such a transaction
   */
  refuseStandstill(remedy: string): void {
    if (this.config.databaseUrl !== null || !this.stores.callers.inside()) return;
    throw new TypeError(
      `An enqueue inside a transaction of the embedded database would wait for that transaction forever: ${remedy}`,
    );
  }

  recorder(): Recorder {
    const { stores, hints, publisher, results, log } = this;
    return new Recorder({ store: stores.tasks, hints, publisher, results, onDelayed: this.#onDelayed, log });
  }

  transactionRecorder(): TransactionRecorder {
    const { tasks, transactions } = this.stores;
    const { publisher, results, log } = this;
    return new TransactionRecorder({ transactions, store: tasks, publisher, results, log });
  }

  #onDelayed = (inMs: number): void => {
    if (inMs <= DISPATCHER_SLEEP_MS) this.messaging.signals.publish({ type: "due", inMs });
  };
}

/** Checked hooks and middleware of an app. */
export interface AppExtensions extends Extensions {
  /** The configuration file from which child processes load the middleware. @default null: none */
  readonly file?: string | null;
}

/**
 * Returns the caller of the hooks of an app and its definitions; null if there are none, so that
 * they cost nothing.
 */
function makeHookCaller({ hooks = {} }: Extensions, registry: Registry, log: Logger): HookCaller | null {
  const wanted =
    Object.keys(hooks).length > 0 || registry.all().some((definition) => Boolean(definition.hooks));
  return wanted ? new HookCaller({ hooks, registry, log }) : null;
}
