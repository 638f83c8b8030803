import type { Signals } from "../../broker/signals.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { MaintenanceStore } from "../../store/maintenance/maintenance-store.ts";
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
 * Turns due SCHEDULED and RETRY rows into QUEUED ones. Sleeps until the next is due; a signal wakes
 * it for a sooner one.
 */
export class Dispatcher implements Service {
  readonly #interval: Interval;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly store: Pick<MaintenanceStore, "promoteDue" | "nextDueInMs">,
    private readonly hints: HintSender,
    private readonly publisher: Publisher,
    private readonly signals: Pick<Signals, "subscribe">,
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
    this.#unsubscribe = this.signals.subscribe((signal) => {
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
    for (;;) {
      const due = await this.store.promoteDue(batchSize);
      // failpoint: dispatch.promoted when due.length > 0
      const at = new Date();
      this.publisher.publish(due.map((task) => ({ kind: "task", type: "QUEUED", at, task })));
      await this.hints.send(due.map(hintOf));
      // failpoint: dispatch.sent when due.length > 0
      if (due.length < batchSize) break;
      if (this.#interval.ending) return 0;
      this.#interval.step();
    }
    const next = await this.store.nextDueInMs();
    // What is due and was left is locked by someone: looking again and again at once would only
    // burn the database.
    return next === null ? maxSleepMs : Math.min(Math.max(next, LEAST_SLEEP_MS), maxSleepMs);
  }
}
