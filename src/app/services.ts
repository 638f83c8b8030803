import type { Config } from "../config.ts";
import { Beat } from "../engine/schedules/beat.ts";
import { Dispatcher } from "../engine/dispatcher.ts";
import { Enqueuer } from "../engine/enqueuer.ts";
import { HintSender } from "../engine/hint-sender.ts";
import { Janitor } from "../engine/janitor.ts";
import { LogFeed } from "../engine/logs/log-feed.ts";
import { Publisher } from "../engine/publisher.ts";
import { QueueControl } from "../engine/queue-control.ts";
import { Recorder } from "../engine/recorder.ts";
import { Repair } from "../engine/repair.ts";
import { RollUp } from "../engine/roll-up.ts";
import { ScheduleControl } from "../engine/schedules/schedule-control.ts";
import { ScheduledTasks } from "../engine/schedules/scheduled-tasks.ts";
import { SlotDecider } from "../engine/schedules/slot-decider.ts";
import { Statistics } from "../engine/statistics.ts";
import { Sweeper } from "../engine/sweeper.ts";
import { TaskControl } from "../engine/task-control.ts";
import { TransactionRecorder } from "../engine/transaction-recorder.ts";
import { TransactionalEnqueuer } from "../engine/transactional-enqueuer.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Service } from "../lib/service.ts";
import type { Delivery } from "./delivery.ts";
import type { Stores } from "./stores.ts";
import type { Registry } from "../task/registry.ts";

/** Dispatchers look at least this often; a task that is due later needs no word. */
const DISPATCHER_SLEEP_MS = 1_000;

/** The engine's parts over some stores and some delivery: what every role of an app shares. */
export class Services {
  readonly publisher: Publisher;
  readonly hints: HintSender;
  readonly repair: Repair;
  readonly enqueuer: Enqueuer;
  readonly transactional: TransactionalEnqueuer;
  readonly control: TaskControl;
  readonly queueControl: QueueControl;
  readonly schedules: ScheduleControl;
  readonly logFeed: LogFeed;
  readonly statistics: Statistics;
  readonly #scheduled: ScheduledTasks;

  constructor(
    readonly config: Config,
    readonly registry: Registry,
    readonly stores: Stores,
    readonly delivery: Pick<Delivery, "broker" | "signals" | "stream" | "limiter">,
    readonly clock: Clock,
    readonly log: Logger,
  ) {
    const { tasks, upkeep, control, reader, queues } = stores;
    const { broker, signals, stream } = delivery;
    const keepMs = config.resultsExpire;
    const publisher = new Publisher(stream, log);
    const hints = new HintSender(broker, publisher, log);
    this.publisher = publisher;
    this.hints = hints;
    this.repair = new Repair(upkeep, broker, hints, log);
    const enqueuer = new Enqueuer({
      registry,
      store: tasks,
      hints,
      publisher,
      onDelayed: this.#onDelayed,
      clock,
    });
    this.enqueuer = enqueuer;
    this.transactional = new TransactionalEnqueuer({ enqueuer, callers: stores.callers });
    this.control = new TaskControl({ store: control, reader, enqueuer, hints, publisher, signals, keepMs });
    this.queueControl = new QueueControl({
      queues,
      tasks: control,
      broker,
      repair: this.repair,
      publisher,
      signals,
      keepMs,
    });
    this.logFeed = new LogFeed({ store: stores.logs, signals, clock, log });
    this.statistics = new Statistics(stores.stats);
    this.#scheduled = new ScheduledTasks(registry, clock);
    this.schedules = new ScheduleControl({
      ...{ registry, tasks, enqueuer, publisher, signals, clock },
      store: stores.schedules,
      scheduled: this.#scheduled,
      timeZone: config.timeZone,
    });
  }

  /** The loop that turns slots into tasks. */
  beat(): Beat {
    const { stores, delivery, config, enqueuer, publisher, hints, log } = this;
    const decider = new SlotDecider(this.#scheduled);
    return new Beat(
      { store: stores.beat, decider, enqueuer, hints, publisher, signals: delivery.signals, log },
      { keepMs: config.resultsExpire },
      (error) => log.warn("The beat failed; it goes on", { err: error }),
    );
  }

  /** The loops that keep things going, in the order of their start. */
  upkeep(): Service[] {
    const { stores, delivery, config, publisher, hints, repair, clock, log } = this;
    const onError = (loop: string) => (error: unknown) =>
      log.warn(`The ${loop} failed; it goes on`, { err: error });
    const { upkeep, workers } = stores;
    return [
      new Sweeper(
        { upkeep, workers, repair, hints, publisher, clock, log },
        {
          everyMs: config.sweepEvery,
          workerLostAfterMs: config.workerLostAfter,
          maxCrashes: config.maxCrashes,
          keepMs: config.resultsExpire,
        },
        onError("sweeper"),
      ),
      new Dispatcher(upkeep, hints, publisher, delivery.signals, onError("dispatcher"), {
        maxSleepMs: DISPATCHER_SLEEP_MS,
      }),
      new Janitor(upkeep, workers, onError("janitor")),
      new RollUp(stores.statUpkeep, onError("roll-up")),
    ];
  }

  recorder(): Recorder {
    const { stores, hints, publisher, log } = this;
    return new Recorder({ store: stores.tasks, hints, publisher, onDelayed: this.#onDelayed, log });
  }

  transactionRecorder(): TransactionRecorder {
    const { tasks, transactions } = this.stores;
    return new TransactionRecorder({ transactions, store: tasks, publisher: this.publisher, log: this.log });
  }

  #onDelayed = (inMs: number): void => {
    if (inMs <= DISPATCHER_SLEEP_MS) this.delivery.signals.publish({ type: "due", inMs });
  };
}
