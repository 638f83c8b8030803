import type { Broker } from "../broker/broker.ts";
import type { Signals } from "../broker/signals.ts";
import type { Publisher } from "../engine/events/publisher.ts";
import type { Recorder } from "../engine/outcome/recorder.ts";
import type { TransactionRecorder } from "../engine/outcome/transaction-recorder.ts";
import { WorkerStopping } from "../errors.ts";
import type { Loop, Service } from "../lib/async/service.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";
import type { TaskStore } from "../store/tasks/task-store.ts";
import type { ControlStore } from "../store/workers/control-store.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { Middleware } from "../task/definition/middleware.ts";
import type { TimeLimits } from "../task/limits/time-limits.ts";
import type { Keep } from "../task/records/results.ts";
import type { Vault } from "../task/sensitive/vault.ts";
import { AttemptRunner, type AttemptRunnerOptions } from "./attempt/attempt.ts";
import { Attempts } from "./attempt/attempts.ts";
import { Emitter, ProgressReporter } from "./attempt/reports.ts";
import { CancelLookup } from "./attempt/cancel-lookup.ts";
import type { RunHost } from "./attempt/run-context.ts";
import { TaskTransactor } from "./attempt/task-transactor.ts";
import { Autoscaler, waitingIn } from "./autoscaler.ts";
import { EventLoopMonitor } from "./event-loop-monitor.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { InFlightTasks } from "./fetch/in-flight-tasks.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { LogWriter, type LogWriterOptions } from "./logs/log-writer.ts";
import { TaskEndLog } from "./logs/task-end-log.ts";
import { Partitions, type PartitionsParts } from "./partitions/partitions.ts";
import { Registration } from "./registration.ts";
import { RemoteControl } from "./remote-control.ts";
import { type ResizablePool, RuntimeSettings } from "./runtime-settings.ts";
import { Slots } from "./slots.ts";
import { type WorkerIdentity, WorkerState } from "./worker-state.ts";

export interface WorkerOptions extends HeartbeatOptions {
  readonly identity: WorkerIdentity;
  /** How long running tasks may take to finish after `stop`, in milliseconds. */
  readonly graceMs: number;
  /** How long finished tasks are kept, in milliseconds, unless the definition sets it. */
  readonly keepMs: Keep;
  /** Time limits of attempts whose task sets none. @default no limits */
  readonly timeLimits?: TimeLimits;
  /** Middleware around the code of tasks that run in this process. @default [] */
  readonly middleware?: readonly Middleware[];
  /** The age at which unanswered hints of other consumers are claimed, in milliseconds. */
  readonly claimIdleAfterMs: number;
  /** A task whose workers have died this often becomes FAILURE. */
  readonly maxCrashes: number;
  /** Which log lines of tasks are stored. */
  readonly logs: LogWriterOptions;
}

export interface WorkerParts extends PartitionsParts {
  readonly tasks: TaskStore;
  readonly workers: WorkerStore;
  readonly logs: Pick<TaskLogStore, "append" | "trim">;
  readonly control: Pick<ControlStore, "controlOf">;
  readonly broker: Pick<Broker, "consumer" | "depth" | "wakePartitions">;
  readonly signals: Pick<Signals, "subscribe" | "publish">;
  readonly publisher: Publisher;
  readonly recorder: Recorder;
  readonly transactions: TransactionRecorder;
  /** Enqueues a task for an attempt's code. */
  readonly enqueue: RunHost["enqueue"];
  /** Opens the sensitive fields of inputs. @default one without keys */
  readonly vault?: Pick<Vault, "hide" | "reveal" | "digest">;
  /** Returns the executor of a definition; null for this thread. @default all run in this thread */
  readonly executorOf?: AttemptRunnerOptions["executorOf"];
  /** The child pools, which are resized with the worker. @default none */
  readonly pool?: ResizablePool | null;
  /** Stops the worker on a command. @default it stops itself */
  readonly onShutdown?: (drain: boolean) => void;
}

/** With more outcomes waiting for the database, the worker fetches no tasks. */
const MAX_BACKLOG = 5_000;
/**
 * How long a stop waits until the last outcomes are recorded. Later the sweeper rescues their
 * tasks.
 */
const FLUSH_MS = 10_000;
/** How long a stop waits until the last log lines are stored. */
const FLUSH_LOGS_MS = 2_000;
const NO_QUEUES: readonly string[] = [];

/**
 * Claims and runs tasks.
 *
 * It stops in phases. Senders stop before receivers, and the heartbeat last, so that nobody rescues
 * its tasks meanwhile: fetch no more → let running tasks finish, up to the grace time → abort and
 * requeue the others → record every outcome → OFFLINE.
 */
export class Worker implements Service {
  readonly #slots: Slots;
  readonly #state: WorkerState;
  readonly #registration: Registration;
  readonly #settings: RuntimeSettings;
  readonly #remoteControl: RemoteControl;
  readonly #autoscaler: Autoscaler;
  readonly #heartbeat: Heartbeat;
  readonly #fetcher: Fetcher;
  readonly #partitions: Partitions;
  readonly #attempts: Attempts;
  readonly #cancels: CancelLookup;
  readonly #progress: ProgressReporter;
  readonly #logs: LogWriter;
  readonly #endLog: TaskEndLog;
  readonly #eventLoopMonitor: EventLoopMonitor;
  readonly #hurry = Promise.withResolvers<void>();
  #unsubscribe: () => void = () => undefined;
  #stopping: Promise<void> | null = null;

  constructor(
    private readonly parts: WorkerParts,
    private readonly options: WorkerOptions,
  ) {
    const { identity, keepMs } = options;
    const { registry, tasks, workers, broker, signals, publisher, recorder, log, pool = null } = parts;
    const onError = (error: unknown): void => log.warn("A worker loop failed; it continues", { err: error });
    const inFlight = new InFlightTasks();
    const slots = new Slots(identity.concurrency);
    const state = new WorkerState(identity, () => slots.busy);
    this.#slots = slots;
    this.#state = state;
    this.#registration = new Registration(
      { state, workers, broker, publisher, log },
      options.claimIdleAfterMs,
    );
    this.#progress = new ProgressReporter(tasks, publisher, onError);
    this.#logs = new LogWriter({ store: parts.logs, signals, log }, options.logs);
    this.#endLog = new TaskEndLog(log);
    this.#eventLoopMonitor = new EventLoopMonitor(() => this.#attempts.all(), log);
    this.#partitions = new Partitions(parts, {
      slots,
      names: identity.definitions,
      onError,
      mayClaim: () => this.#fetcher.mayClaimBeside,
      onClaimed: (claimed) => this.#attempts.start(claimed),
    });
    this.#attempts = new Attempts({
      registry,
      runner: new AttemptRunner({ keepMs, executorOf: parts.executorOf, vault: parts.vault }),
      host: this.#runHost(),
      progress: this.#progress,
      logs: this.#logs,
      gates: this.#partitions.gates,
      publisher,
      recorder,
      slots,
      inFlight,
      state,
      endLog: this.#endLog,
      keepMs,
      log,
    });
    const { running, cancel: onRequest } = this.#attempts;
    this.#cancels = new CancelLookup({ tasks, running, onRequest, onError });
    this.#settings = new RuntimeSettings({ state, slots, pool, log });
    this.#remoteControl = new RemoteControl(
      {
        state,
        settings: this.#settings,
        overrides: parts.settings,
        pool,
        store: parts.control,
        signals,
        onChanged: (definitions) => this.#onChanged(definitions),
        onShutdown: parts.onShutdown ?? ((drain) => this.#shutDown(drain)),
        log,
      },
      options.everyMs,
      onError,
    );
    this.#autoscaler = new Autoscaler(
      {
        slots,
        bounds: () => state.settings.autoscale,
        waiting: () => waitingIn(this.#openQueues(), broker),
        resize: (concurrency) => this.#settings.resize(concurrency),
      },
      onError,
    );
    this.#heartbeat = new Heartbeat(
      {
        state,
        workers,
        tasks,
        publisher,
        onLost: () => this.#onLost(),
        onStarted: (started) => this.#attempts.compare(started),
      },
      options,
      onError,
    );
    this.#fetcher = new Fetcher({
      store: tasks,
      slots,
      inFlight,
      maxCrashes: options.maxCrashes,
      log,
      names: identity.definitions,
      startable: () => parts.settings.startable(identity.definitions),
      partitions: this.#partitions.fetcher,
      incarnation: () => ({ id: state.id, name: identity.name, consumer: this.#registration.consumer }),
      queues: () => this.#openQueues(),
      isReady: () => recorder.backlog <= MAX_BACKLOG,
      onClaimed: this.#attempts.start,
    });
  }

  /** The id of the current incarnation. */
  get id(): string {
    return this.#state.id;
  }

  get busy(): number {
    return this.#slots.busy;
  }

  get loops(): readonly Loop[] {
    return [
      this.#fetcher,
      this.#partitions.queues.loop,
      ...this.#heartbeat.loops,
      ...this.#remoteControl.loops,
      ...this.#autoscaler.loops,
    ];
  }

  start = async (): Promise<void> => {
    await this.#remoteControl.prepare();
    await this.#registration.register();
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "cancel") this.#cancels.look(signal.taskIds);
      if (signal.type === "queues") this.#partitions.queues.look();
      if (signal.type === "logWatch") this.#logs.watch(signal.taskIds);
    });
    await this.#partitions.queues.start();
    // Their hints may rest by limits that earlier workers counted before they died.
    this.#partitions.wake(this.#settings.queues, "all");
    this.#eventLoopMonitor.start();
    await this.#heartbeat.start();
    this.#fetcher.start();
    await this.#remoteControl.start();
    await this.#autoscaler.start();
  };

  /**
   * Stops in phases; resolves when everything is recorded. May be called twice, or before `start`.
   */
  stop = (): Promise<void> => {
    this.#stopping ??= this.#stopInPhases();
    return this.#stopping;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Ends the grace time: running tasks are aborted and requeued at once. */
  requeue(): void {
    this.#hurry.resolve();
  }

  #runHost(): RunHost {
    const { registry, transactions, publisher, settings, log, enqueue } = this.parts;
    const { identity, keepMs, middleware = [], timeLimits } = this.options;
    return {
      workerName: identity.name,
      log,
      middleware,
      limitsOf: (task) => settings.limitsOf(task.summary.name, task, timeLimits),
      enqueue,
      transact: new TaskTransactor({ registry, recorder: transactions, keepMs }).transact,
      onLog: this.#logs.keep,
      onEmit: new Emitter(publisher).emit,
      onProgress: this.#progress.report,
      onLongTurn: (context) => this.#eventLoopMonitor.blame(context),
    };
  }

  /** The queues to fetch from now: those that are not paused. */
  #openQueues(): readonly string[] {
    if (this.#settings.paused) return NO_QUEUES;
    return this.#settings.queues.filter((queue) => !this.#partitions.queues.isPaused(queue));
  }

  /** Applies changed settings or overrides, then publishes the new state. */
  async #onChanged(definitions: readonly string[]): Promise<void> {
    await this.#fetcher.interrupt();
    this.#partitions.wake(this.#settings.queues, definitions);
    this.#autoscaler.wake();
    if (!this.#stopping) await this.#registration.update(this.#settings.paused ? "PAUSED" : "ONLINE");
  }

  /**
   * Others rescue our tasks now, and late outcomes would be fenced: aborts everything and registers
   * again.
   */
  async #onLost(): Promise<void> {
    if (this.#stopping) return;
    this.parts.log.warn("This worker was declared LOST; its attempts are aborted and it registers again", {
      workerId: this.id,
    });
    this.#attempts.abortAll(new WorkerStopping());
    await this.#registration.registerAgain();
  }

  #shutDown(drain: boolean): void {
    this.stop().catch((error: unknown) =>
      this.parts.log.error("The worker did not stop cleanly", { err: error }),
    );
    if (!drain) this.requeue();
  }

  async #stopInPhases(): Promise<void> {
    if (!this.#registration.isRegistered) return;
    this.#registration.setStatus("DRAINING");
    // failpoint: stop.draining
    await this.#autoscaler.stop();
    await this.#fetcher.stop();
    await this.#registration.leaveBroker();
    // failpoint: stop.left-broker
    await this.#finishOrRequeue();
    // failpoint: stop.given-back
    await this.#logs.stop(FLUSH_LOGS_MS);
    await this.parts.recorder.flush(FLUSH_MS);
    this.#endLog.flush();
    // failpoint: stop.recorded
    await this.#progress.stop();
    this.#unsubscribe();
    await this.#remoteControl.stop();
    await this.#partitions.queues.stop();
    this.#eventLoopMonitor.stop();
    await this.#heartbeat.stop();
    await this.#registration.setOffline();
    await this.parts.publisher.flush();
  }

  /**
   * Waits until running tasks have finished, the grace time is over, or `requeue` was called; then
   * aborts the rest.
   */
  async #finishOrRequeue(): Promise<void> {
    const { graceMs } = this.options;
    const idle = this.#slots.whenIdle();
    const { busy } = this.#slots;
    if (busy > 0) this.parts.log.info("Waiting for running tasks", { tasks: busy, graceMs });
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, graceMs);
    await Promise.race([idle, timeUp.promise, this.#hurry.promise]);
    clearTimeout(timer);
    this.#attempts.abortAll(new WorkerStopping());
    await this.#slots.whenIdle();
  }
}
