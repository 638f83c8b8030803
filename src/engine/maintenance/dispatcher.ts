import type { Signals } from "../../broker/signals.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { MaintenanceStore } from "../../store/maintenance/maintenance-store.ts";
import type { Enqueuer } from "../enqueue/enqueuer.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { Publisher } from "../events/publisher.ts";

export interface DispatcherOptions {
  /** Rows per statement. @default 1_000 */
  readonly batchSize?: number;
  /**
   * Longest sleep, in milliseconds: how late a task may start if its `due` signal was lost.
   * @default 1_000
   */
  readonly maxSleepMs?: number;
}

const LEAST_SLEEP_MS = 5;
/** How late due tasks may be after the database came back. */
const MAX_BACKOFF_MS = 5_000;

/**
 * Announces tasks that transactions of callers committed, and turns due SCHEDULED and RETRY rows
 * into QUEUED ones. Sleeps until the next is due; a signal wakes it for a sooner one.
 */
export class Dispatcher implements Service {
  readonly #interval: Interval;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly parts: {
      readonly store: Pick<MaintenanceStore, "announceNew" | "promoteDue" | "nextDueInMs">;
      readonly enqueuer: Pick<Enqueuer, "announce">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly signals: Pick<Signals, "subscribe">;
    },
    onError: (error: unknown) => void,
    private readonly options: DispatcherOptions = {},
  ) {
    this.#interval = new Interval(() => this.dispatch(), {
      name: "dispatcher",
      everyMs: options.maxSleepMs ?? 1_000,
      maxBackoffMs: MAX_BACKOFF_MS,
      onError,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#interval];
  }

  start = async (): Promise<void> => {
    this.#unsubscribe = this.parts.signals.subscribe((signal) => {
      if (signal.type === "due") this.#interval.wake(signal.inMs);
    });
    await this.#interval.start();
  };

  stop = (): Promise<void> => {
    this.#unsubscribe();
    return this.#interval.stop();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Sends out all that is due; returns the milliseconds to sleep. */
  async dispatch(): Promise<number> {
    const { batchSize = 1_000, maxSleepMs = 1_000 } = this.options;
    const { store, publisher, hints } = this.parts;
    await this.#announce(batchSize);
    for (;;) {
      const due = await store.promoteDue(batchSize);
      // failpoint: dispatch.promoted when due.length > 0
      const at = new Date();
      publisher.publish(due.map((task) => ({ kind: "task", type: "QUEUED", at, task })));
      await hints.send(due.map(hintOf));
      // failpoint: dispatch.sent when due.length > 0
      if (due.length < batchSize) break;
      if (this.#interval.ending) return 0;
      this.#interval.step();
    }
    const next = await store.nextDueInMs();
    // What is due and was left is locked by someone: looking again and again at once would only
    // burn the database.
    return next === null ? maxSleepMs : Math.min(Math.max(next, LEAST_SLEEP_MS), maxSleepMs);
  }

  /** Sends the events and hints that the enqueue of these tasks could not send. */
  async #announce(batchSize: number): Promise<void> {
    const { store, enqueuer } = this.parts;
    for (;;) {
      const tasks = await store.announceNew(batchSize);
      await enqueuer.announce(tasks);
      if (tasks.length < batchSize || this.#interval.ending) return;
      this.#interval.step();
    }
  }
}
