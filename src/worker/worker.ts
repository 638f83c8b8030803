import type { Consumer } from "../broker/broker.ts";
import { TaskCancelled, WorkerStopping } from "../errors.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { Service } from "../lib/service.ts";
import type { ClaimedTask, StartedTask } from "../store/tasks/task-store.ts";
import type { WorkerChange } from "../task/records/event.ts";
import { keepMsFor } from "../task/records/results.ts";
import type { TaskState } from "../task/records/state.ts";
import type { Revocation } from "../task/records/task.ts";
import type { WorkerStatus } from "../task/records/worker.ts";
import { Attempts } from "./attempt/attempts.ts";
import { Autoscaler, waitingIn } from "./autoscaler.ts";
import { EventLoopMonitor } from "./event-loop-monitor.ts";
import { Emitter } from "./attempt/emissions.ts";
import { TaskEndLog } from "./task-end-log.ts";
import { graceTime } from "./grace-time.ts";
import { Heartbeat } from "./heartbeat.ts";
import { forgottenTask, requeueOf, InFlightTasks } from "./fetch/in-flight-tasks.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { Partitions } from "./partitions/partitions.ts";
import { LogWriter } from "./logs/log-writer.ts";
import { ProgressReporter } from "./attempt/progress-reporter.ts";
import { RemoteControl } from "./remote-control.ts";
import type { RunHost } from "./attempt/run-context.ts";
import { Runner } from "./attempt/runner.ts";
import { WorkerState } from "./worker-state.ts";
import { RuntimeSettings } from "./runtime-settings.ts";
import { Slots } from "./slots.ts";
import { TaskTransactor } from "./attempt/task-transactor.ts";
import type { WorkerOptions, WorkerParts } from "./worker-parts.ts";

/** Outcomes that may wait for the database before the worker takes on no more. */
const MAX_BACKLOG = 5_000;
/** How long a stop waits for a database that does not take the last outcomes. Their tasks are taken back from this worker then. */
const FLUSH_MS = 10_000;
const NO_QUEUES: readonly string[] = [];
/** The same for what tasks have logged. */
const FLUSH_LOGS_MS = 2_000;

/**
 * Claims and runs tasks.
 *
 * Its end has phases, senders before receivers, the heartbeat last so that nobody takes our tasks meanwhile: take no more → let what runs
 * finish, up to the grace time → abort it by signal and give it back → record every outcome → say OFFLINE.
 */
export class Worker implements Service {
  readonly #slots: Slots;
  readonly #self: WorkerState;
  readonly #fetcher: Fetcher;
  readonly #heartbeat: Heartbeat;
  readonly #progress: ProgressReporter;
  readonly #partitions: Partitions;
  readonly #logs: LogWriter;
  readonly #ends: TaskEndLog;
  readonly #eventLoopMonitor: EventLoopMonitor;
  readonly #shape: RuntimeSettings;
  readonly #remote: RemoteControl;
  readonly #autoscaler: Autoscaler;
  readonly #attempts: Attempts;
  readonly #inFlight = new InFlightTasks();
  #consumer: Consumer | null = null;
  #unsubscribe: () => void = () => undefined;
  readonly #hurry = Promise.withResolvers<void>();
  #stopping: Promise<void> | null = null;

  constructor(
    private readonly parts: WorkerParts,
    private readonly options: WorkerOptions,
  ) {
    const { identity } = options;
    const onError = (error: unknown): void =>
      parts.log.warn("A worker loop failed; it goes on", { err: error });
    this.#slots = new Slots(identity.concurrency);
    this.#self = new WorkerState(identity, () => this.#slots.busy);
    this.#progress = new ProgressReporter(parts.tasks, parts.publisher, onError);
    this.#logs = new LogWriter({ store: parts.logs, signals: parts.signals, log: parts.log }, options.logs);
    this.#ends = new TaskEndLog(parts.log);
    this.#eventLoopMonitor = new EventLoopMonitor(() => this.#attempts.all(), parts.log);
    this.#partitions = new Partitions(parts, {
      ...{ slots: this.#slots, names: identity.definitions, onError },
      mayBegin: () => this.#fetcher.mayBegin,
      onClaimed: (tasks) => this.#begin(tasks),
    });
    this.#attempts = this.#makeAttempts();
    const { log, pool = null } = parts;
    this.#shape = new RuntimeSettings({ self: this.#self, slots: this.#slots, pool, log });
    this.#remote = this.#makeRemote(onError);
    this.#autoscaler = this.#makeAutoscaler(onError);
    this.#heartbeat = new Heartbeat(
      {
        self: this.#self,
        workers: parts.workers,
        tasks: parts.tasks,
        publisher: parts.publisher,
        onGivenUp: () => this.#beginAgain(),
        onStarted: (tasks) => this.#compare(tasks),
      },
      options,
      onError,
    );
    this.#fetcher = this.#makeIntake();
  }

  /** The incarnation. */
  get id(): string {
    return this.#self.id;
  }

  get busy(): number {
    return this.#slots.busy;
  }

  get loops(): readonly Loop[] {
    return [
      this.#fetcher,
      this.#partitions.queues.loop,
      ...this.#heartbeat.loops,
      ...this.#remote.loops,
      ...this.#autoscaler.loops,
    ];
  }

  start = async (): Promise<void> => {
    await this.#remote.prepare();
    await this.#register();
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "cancel") this.#cancel(signal.taskIds, signal.revocation);
      if (signal.type === "queues") this.#partitions.queues.look();
      if (signal.type === "logWatch") this.#logs.watch(signal.taskIds);
    });
    await this.#partitions.queues.start();
    // They may rest by limits of those who were here before, and died of it.
    this.#partitions.wake(this.#shape.queues, "all");
    this.#eventLoopMonitor.start();
    await this.#heartbeat.start();
    this.#fetcher.start();
    await this.#remote.start();
    await this.#autoscaler.start();
  };

  /** Ends in phases; resolves when all is recorded and said. May be called twice, or before `start`. */
  stop = (): Promise<void> => {
    this.#stopping ??= this.#stopInPhases();
    return this.#stopping;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Cuts the grace time short: what runs is given back at once. */
  requeue(): void {
    this.#hurry.resolve();
  }

  #makeAttempts(): Attempts {
    const { registry, recorder, transactions, publisher, settings, log, enqueue, ...parts } = this.parts;
    const { identity, keepMs, middleware = [], timeLimits } = this.options;
    const { transact } = new TaskTransactor({ registry, recorder: transactions, keepMs });
    const host: RunHost = {
      ...{ workerName: identity.name, log, middleware, transact, enqueue },
      ...{ onLog: this.#logs.keep, onEmit: new Emitter(publisher).emit, onProgress: this.#progress.report },
      limitsOf: (task) => settings.limitsOf(task.summary.name, task, timeLimits),
      onLongTurn: (context) => this.#eventLoopMonitor.blame(context),
    };
    return new Attempts({
      ...{ registry, host, recorder, slots: this.#slots },
      ...{ progress: this.#progress, logs: this.#logs, gates: this.#partitions.gates },
      runner: new Runner({ keepMs, elsewhere: parts.elsewhere, vault: parts.vault }),
      onRecorded: this.#onRecorded,
    });
  }

  #makeIntake(): Fetcher {
    const { parts, options } = this;
    const { name, definitions } = options.identity;
    return new Fetcher({
      store: parts.tasks,
      slots: this.#slots,
      inFlight: this.#inFlight,
      maxCrashes: options.maxCrashes,
      log: parts.log,
      names: definitions,
      partitions: this.#partitions.fetcher,
      startable: () => parts.settings.startable(definitions),
      self: () => ({ consumer: this.#consumer!, id: this.#self.id, name }),
      queues: () => this.#openQueues(),
      ready: () => parts.recorder.backlog <= MAX_BACKLOG,
      onClaimed: (tasks) => this.#begin(tasks),
    });
  }

  #makeRemote(onError: (error: unknown) => void): RemoteControl {
    const { commands: store, signals, settings: tasks, pool = null, log } = this.parts;
    const onShutdown = this.parts.onShutdown ?? ((drain) => this.#end(drain));
    const own = { self: this.#self, shape: this.#shape, onChanged: this.#onChanged, onShutdown };
    return new RemoteControl({ ...own, pool, store, signals, tasks, log }, this.options.everyMs, onError);
  }

  #makeAutoscaler(onError: (error: unknown) => void): Autoscaler {
    const parts = {
      slots: this.#slots,
      bounds: () => this.#self.form.autoscale,
      waiting: () => waitingIn(this.#openQueues(), this.parts.broker),
      resize: (concurrency: number) => this.#shape.resize(concurrency),
    };
    return new Autoscaler(parts, onError);
  }

  /** Queues that it takes from now: those that are not paused. */
  #openQueues(): readonly string[] {
    if (this.#shape.paused) return NO_QUEUES;
    return this.#shape.queues.filter((queue) => !this.#partitions.queues.isPaused(queue));
  }

  /** Follows what it was told: first by deed, then in word. */
  #onChanged = async (definitions: readonly string[]): Promise<void> => {
    await this.#fetcher.interrupt();
    this.#partitions.wake(this.#shape.queues, definitions);
    this.#autoscaler.wake();
    if (this.#stopping) return;
    const status = this.#shape.paused ? "PAUSED" : "ONLINE";
    const change = this.#self.status === status ? "HEARTBEAT" : status;
    this.#self.status = status;
    if (!this.#consumer) return; // It is about to start.
    this.#publishChange(change);
    // The row shows it when the command is answered. Without the comparison of a beat: two of them must be some time apart.
    await this.parts.workers.heartbeat(this.#self.record());
  };

  #end(drain: boolean): void {
    this.stop().catch((error: unknown) =>
      this.parts.log.error("The worker did not stop cleanly", { err: error }),
    );
    if (!drain) this.requeue();
  }

  async #stopInPhases(): Promise<void> {
    if (!this.#consumer) return;
    this.#setStatus("DRAINING");
    // failpoint: stop.draining
    await this.#autoscaler.stop();
    await this.#fetcher.stop();
    await this.#consumer
      .close()
      .catch((error: unknown) => this.parts.log.warn("Leaving the broker failed", { err: error }));
    // failpoint: stop.left-broker
    await this.#finishOrGiveBack();
    // failpoint: stop.given-back
    await this.#logs.stop(FLUSH_LOGS_MS);
    await this.parts.recorder.flush(FLUSH_MS);
    this.#ends.flush();
    // failpoint: stop.recorded
    await this.#progress.stop();
    this.#unsubscribe();
    await this.#remote.stop();
    await this.#partitions.queues.stop();
    this.#eventLoopMonitor.stop();
    await this.#heartbeat.stop();
    const worker = await this.parts.workers.setOffline(this.#self.id).catch(() => null);
    // failpoint: stop.offline
    if (worker) this.#publishChange("OFFLINE");
    await this.parts.publisher.flush();
  }

  async #finishOrGiveBack(): Promise<void> {
    const { graceMs } = this.options;
    await graceTime(this.#slots, { graceMs, hurry: this.#hurry.promise, log: this.parts.log });
    for (const context of this.#attempts.all()) context.abort(new WorkerStopping());
    await this.#slots.whenIdle();
  }

  async #register(): Promise<void> {
    this.#consumer = this.parts.broker.consumer({
      consumer: this.#self.id,
      claimIdleAfterMs: this.options.claimIdleAfterMs,
    });
    await this.parts.workers.register(this.#self.record());
    this.#publishChange(this.#self.status as WorkerChange);
  }

  /** We were given up: our tasks run elsewhere. What runs here is aborted, its outcomes would be fenced anyway; then a new life. */
  async #beginAgain(): Promise<void> {
    if (this.#stopping) return;
    this.parts.log.warn("This worker was given up for lost; it aborts what it runs and begins again", {
      workerId: this.id,
    });
    for (const context of this.#attempts.all()) context.abort(new WorkerStopping());
    const before = this.#consumer;
    this.#self.renew();
    try {
      await this.#register();
    } finally {
      // Also when the database went away again and the next beat makes another life: what this one fetched must not stay with it.
      await before?.close();
    }
  }

  #begin(tasks: readonly ClaimedTask[]): void {
    this.parts.publisher.publish(
      tasks.map(({ summary }) => ({ kind: "task", type: "STARTED", at: summary.startedAt, task: summary })),
    );
    for (const task of tasks) {
      this.#inFlight.add(task);
      this.#attempts.begin(task);
    }
  }

  #onRecorded = (state: TaskState | null, task: ClaimedTask, finishedAt: Date | null): void => {
    this.#inFlight.remove(task);
    this.#partitions.gates.ended(task);
    this.#logs.recorded(task.summary.id);
    if (state === null || state === "QUEUED") return;
    this.#self.count(state);
    this.#ends.ended(task, state, finishedAt);
  };

  /** Cancels whose signal was lost; and rows that are ours without our knowing, which are given back for anyone to run. */
  #compare(started: readonly StartedTask[]): void {
    for (const { cancelRequested, summary, revocation } of started)
      if (cancelRequested) this.#cancel([summary.id], revocation);
    for (const { summary } of this.#inFlight.findForgotten(started)) {
      const facts = { taskId: summary.id, task: summary.name };
      this.parts.log.warn("A task was claimed but its claim was never answered; it is given back", facts);
      const task = forgottenTask(summary);
      this.#inFlight.add(task);
      const requeue = requeueOf(task, keepMsFor(this.options.keepMs, "REVOKED"));
      this.parts.recorder.record(task, requeue, this.#onRecorded);
    }
  }

  #cancel(taskIds: readonly string[], revocation: Revocation | null = null): void {
    for (const context of this.#attempts.of(taskIds))
      context.abort(new TaskCancelled(revocation?.by, revocation?.reason));
  }

  #setStatus(status: WorkerStatus & WorkerChange): void {
    this.#self.status = status;
    this.#publishChange(status);
  }

  #publishChange(change: WorkerChange): void {
    this.parts.publisher.publish([{ kind: "worker", change, at: new Date(), worker: this.#self.record() }]);
  }
}
