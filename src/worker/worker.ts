import type { Broker, Consumer } from "../broker/broker.ts";
import type { Signals } from "../broker/signals.ts";
import type { Publisher } from "../engine/publisher.ts";
import type { Recorder } from "../engine/recorder.ts";
import type { TransactionRecorder } from "../engine/transaction-recorder.ts";
import { TaskCancelled, WorkerStopping } from "../errors.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { Service } from "../lib/service.ts";
import type { ClaimedTask, StartedTask, TaskStore } from "../store/task-store.ts";
import type { TaskLogStore } from "../store/task-log-store.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { WorkerChange } from "../task/event.ts";
import type { TaskState } from "../task/state.ts";
import type { TimeLimits } from "../task/time-limits.ts";
import type { WorkerStatus } from "../task/worker.ts";
import { BusyWatch } from "./busy-watch.ts";
import { Emitter } from "./emissions.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { giveBackOf, Holdings } from "./holdings.ts";
import { Intake } from "./intake.ts";
import { Lanes, type LanesParts } from "./lanes.ts";
import { LogWriter, type LogWriterOptions } from "./logs/log-writer.ts";
import { ProgressReporter } from "./progress-reporter.ts";
import { ownLimits, RunContext, type RunHost } from "./run-context.ts";
import { Runner, type RunnerOptions } from "./runner.ts";
import { type WorkerIdentity, WorkerSelf } from "./self.ts";
import { Slots } from "./slots.ts";
import { TaskTransactor } from "./task-transactor.ts";

export interface WorkerOptions extends HeartbeatOptions {
  readonly identity: WorkerIdentity;
  /** How long running tasks may take to finish after `stop`, in milliseconds. */
  readonly graceMs: number;
  /** How long ended tasks are kept, in milliseconds, where their definition does not say. */
  readonly keepMs: number;
  /** For attempts of tasks that name none. @default no limits */
  readonly timeLimits?: TimeLimits;
  /** Hints of consumers that are gone are taken over after so long, in milliseconds. */
  readonly takeOverAfterMs: number;
  /** A task whose worker died so often becomes FAILURE. */
  readonly maxCrashes: number;
  /** What is stored of the logs of tasks. */
  readonly logs: LogWriterOptions;
}

export interface WorkerParts extends LanesParts {
  readonly tasks: TaskStore;
  readonly workers: WorkerStore;
  readonly broker: Pick<Broker, "consumer" | "wakeLanes">;
  readonly logs: Pick<TaskLogStore, "append" | "trim">;
  readonly signals: Pick<Signals, "subscribe" | "publish">;
  readonly publisher: Publisher;
  readonly recorder: Recorder;
  readonly transactions: TransactionRecorder;
  /** Where attempts run that do not run in this thread. @default all do */
  readonly elsewhere?: RunnerOptions["elsewhere"];
}

/** Outcomes that may wait for the database before the worker takes on no more. */
const MAX_BACKLOG = 5_000;
/** How long a stop waits for a database that does not take the last outcomes. Their tasks are taken back from this worker then. */
const FLUSH_MS = 10_000;
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
  readonly #self: WorkerSelf;
  readonly #runner: Runner;
  readonly #intake: Intake;
  readonly #heartbeat: Heartbeat;
  readonly #progress: ProgressReporter;
  readonly #lanes: Lanes;
  readonly #logs: LogWriter;
  readonly #busyWatch: BusyWatch;
  readonly #host: RunHost;
  readonly #running = new Map<string, RunContext>();
  readonly #holdings = new Holdings();
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
    this.#self = new WorkerSelf(identity, () => this.#slots.busy);
    this.#runner = new Runner({ keepMs: options.keepMs, elsewhere: parts.elsewhere });
    this.#progress = new ProgressReporter(parts.tasks, parts.publisher, onError);
    this.#logs = new LogWriter({ store: parts.logs, signals: parts.signals, log: parts.log }, options.logs);
    const { registry, transactions } = parts;
    const { transact } = new TaskTransactor({ registry, recorder: transactions, keepMs: options.keepMs });
    this.#busyWatch = new BusyWatch(() => this.#running.values(), parts.log);
    this.#host = {
      workerName: identity.name,
      log: parts.log,
      ...{ onLog: this.#logs.keep, onEmit: new Emitter(parts.publisher).emit },
      onProgress: this.#progress.report,
      limitsOf: limitsWith(options.timeLimits),
      onLongTurn: (context) => this.#busyWatch.blame(context),
      transact,
    };
    this.#lanes = new Lanes(parts, {
      ...{ slots: this.#slots, names: identity.definitions, onError },
      mayBegin: () => this.#intake.mayBegin,
      onClaimed: (tasks) => this.#begin(tasks),
    });
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
    this.#intake = this.#makeIntake();
  }

  #makeIntake(): Intake {
    const { parts, options } = this;
    const { definitions, name, queues } = options.identity;
    return new Intake({
      ...{ store: parts.tasks, slots: this.#slots, holdings: this.#holdings, lanes: this.#lanes.intake },
      maxCrashes: options.maxCrashes,
      log: parts.log,
      names: definitions,
      self: () => ({ consumer: this.#consumer!, id: this.#self.id, name }),
      queues: () => queues.filter((queue) => !this.#lanes.queues.isPaused(queue)),
      ready: () => parts.recorder.backlog <= MAX_BACKLOG,
      onClaimed: (tasks) => this.#begin(tasks),
    });
  }

  /** The incarnation. */
  get id(): string {
    return this.#self.id;
  }

  get busy(): number {
    return this.#slots.busy;
  }

  get loops(): readonly Loop[] {
    return [this.#intake, this.#lanes.queues.loop, ...this.#heartbeat.loops];
  }

  start = async (): Promise<void> => {
    await this.#register();
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "cancel") this.#cancel(signal.taskIds);
      if (signal.type === "queues") this.#lanes.queues.look();
      if (signal.type === "logWatch") this.#logs.watch(signal.taskIds);
    });
    await this.#lanes.queues.start();
    this.#busyWatch.start();
    await this.#heartbeat.start();
    this.#intake.start();
  };

  /** Ends in phases; resolves when all is recorded and said. May be called twice, or before `start`. */
  stop = (): Promise<void> => {
    this.#stopping ??= this.#stopInPhases();
    return this.#stopping;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Cuts the grace time short: what runs is given back at once. */
  giveBack(): void {
    this.#hurry.resolve();
  }

  async #stopInPhases(): Promise<void> {
    if (!this.#consumer) return;
    this.#setStatus("DRAINING");
    // failpoint: stop.draining
    await this.#intake.stop();
    await this.#consumer
      .close()
      .catch((error: unknown) => this.parts.log.warn("Leaving the broker failed", { err: error }));
    // failpoint: stop.left-broker
    await this.#finishOrGiveBack();
    // failpoint: stop.given-back
    await this.#logs.stop(FLUSH_LOGS_MS);
    await this.parts.recorder.flush(FLUSH_MS);
    // failpoint: stop.recorded
    await this.#progress.stop();
    this.#unsubscribe();
    await this.#lanes.queues.stop();
    this.#busyWatch.stop();
    await this.#heartbeat.stop();
    const worker = await this.parts.workers.setOffline(this.#self.id).catch(() => null);
    // failpoint: stop.offline
    if (worker) this.#publishChange("OFFLINE");
    await this.parts.publisher.flush();
  }

  async #finishOrGiveBack(): Promise<void> {
    const idle = this.#slots.whenIdle();
    if (this.#slots.busy > 0) {
      this.parts.log.info("Waiting for running tasks", {
        tasks: this.#slots.busy,
        graceMs: this.options.graceMs,
      });
    }
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, this.options.graceMs);
    await Promise.race([idle, timeUp.promise, this.#hurry.promise]);
    clearTimeout(timer);
    for (const context of this.#running.values()) context.abort(new WorkerStopping());
    await idle;
  }

  async #register(): Promise<void> {
    this.#consumer = this.parts.broker.consumer({
      consumer: this.#self.id,
      takeOverAfterMs: this.options.takeOverAfterMs,
    });
    await this.parts.workers.register(this.#self.record());
    this.#publishChange("ONLINE");
  }

  /** We were given up: our tasks run elsewhere. What runs here is aborted, its outcomes would be fenced anyway; then a new life. */
  async #beginAgain(): Promise<void> {
    if (this.#stopping) return;
    this.parts.log.warn("This worker was given up for lost; it aborts what it runs and begins again", {
      workerId: this.id,
    });
    for (const context of this.#running.values()) context.abort(new WorkerStopping());
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
      this.#holdings.add(task);
      void this.#runOne(task);
    }
  }

  async #runOne(task: ClaimedTask): Promise<void> {
    const { id, name } = task.summary;
    const definition = this.parts.registry.get(name)!; // The claim takes only names of the registry.
    const context = new RunContext(task, this.#host);
    this.#running.set(id, context);
    const outcome = await this.#runner.run(definition, context);
    // failpoint: run.settled
    this.#progress.forget(context);
    context.logDropped();
    if (this.#running.get(id) === context) this.#running.delete(id);
    // The slot is free as soon as the outcome is handed over: the next task begins while this one is being recorded.
    if (outcome?.kind === "snoozed") await this.#lanes.gates.closeFor(outcome, name);
    const onRecorded = outcome?.kind === "snoozed" ? this.#onSnoozed : this.#onRecorded;
    this.#logs.ended(context, () => {
      if (outcome) this.parts.recorder.record(task, outcome, onRecorded);
      else this.#onRecorded(context.recorded, task);
    });
    this.#slots.release();
  }

  #onSnoozed = (state: TaskState | null, task: ClaimedTask): void =>
    this.#onRecorded(state === "RETRY" ? "QUEUED" : state, task);

  #onRecorded = (state: TaskState | null, task: ClaimedTask): void => {
    this.#holdings.remove(task);
    this.#lanes.gates.ended(task);
    this.#logs.recorded(task.summary.id);
    if (state === null || state === "QUEUED") return;
    this.#self.processed += 1;
    if (state === "SUCCESS") this.#self.succeeded += 1;
    if (state === "FAILURE") this.#self.failed += 1;
    if (state === "RETRY") this.#self.retried += 1;
  };

  /** Cancels whose signal was lost; and rows that are ours without our knowing, which are given back for anyone to run. */
  #compare(started: readonly StartedTask[]): void {
    this.#cancel(started.filter((task) => task.cancelRequested).map(({ summary }) => summary.id));
    for (const { summary } of this.#holdings.findForgotten(started)) {
      const facts = { taskId: summary.id, task: summary.name };
      this.parts.log.warn("A task was claimed but its claim was never answered; it is given back", facts);
      const task = {
        summary,
        input: null,
        timeLimitMs: null,
        options: null,
        idempotencyKey: null,
        schedule: null,
      };
      this.#holdings.add(task);
      this.parts.recorder.record(task, giveBackOf(task, this.options.keepMs), this.#onRecorded);
    }
  }

  #cancel(taskIds: readonly string[]): void {
    for (const id of taskIds) this.#running.get(id)?.abort(new TaskCancelled());
  }

  #setStatus(status: WorkerStatus & WorkerChange): void {
    this.#self.status = status;
    this.#publishChange(status);
  }

  #publishChange(change: WorkerChange): void {
    this.parts.publisher.publish([{ kind: "worker", change, at: new Date(), worker: this.#self.record() }]);
  }
}

function limitsWith(defaults: TimeLimits | undefined): (task: ClaimedTask) => TimeLimits {
  if (!defaults) return ownLimits;
  return (task) => {
    const { softMs, hardMs } = ownLimits(task);
    return { softMs: softMs ?? defaults.softMs, hardMs: hardMs ?? defaults.hardMs };
  };
}
