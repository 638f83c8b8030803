import type { Delivery } from "../../broker/broker.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { QueuedHint } from "../../store/tasks/task-store.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import type { PoisonIsolation } from "./poison-isolation.ts";

export interface UnclaimedHintParts {
  /** Names of the definitions that this worker can run. */
  readonly names: readonly string[];
  /** Returns the names of them whose tasks may start now. @default all */
  readonly startable?: () => readonly string[];
  readonly log: Logger;
}

/**
 * How long a hint rests that this worker cannot use, by how often it came back. Other workers can
 * take it meanwhile, and no loop spins.
 */
const FOREIGN_BACKOFF_MS = [50, 100, 200, 400, 800, 1_600, 3_200, 5_000];
const PAUSED_RETRY_MS = 5_000;
/**
 * How long the hint of a task to isolate rests while another one is isolated. Any worker may take
 * it afterwards.
 */
const LATER_RETRY_MS = 1_000;
const TIMER_SLACK_MS = 20;

/**
 * Answers hints whose tasks a claim did not return. Most are acknowledged, since nobody needs them;
 * the others rest and are delivered again.
 */
export class UnclaimedHints {
  /**
   * When the rest of a hint ends, by task id. The hints rest with the consumer of this incarnation.
   */
  readonly #resting = new Map<string, number>();

  constructor(
    private readonly parts: UnclaimedHintParts,
    private readonly poisonIsolation: PoisonIsolation,
  ) {}

  /** @param queued the tasks that are still QUEUED, by id */
  answer(deliveries: readonly Delivery[], queued: ReadonlyMap<string, QueuedHint>): void {
    this.#forgetRested();
    for (const delivery of deliveries) this.#answer(delivery, queued.get(delivery.taskId));
  }

  /** Lets the hint of a task rest that cannot be isolated yet. */
  restForLater(delivery: Delivery): void {
    this.#rest(delivery, LATER_RETRY_MS);
  }

  /** Forgets the resting hints: their consumer has returned them to the broker. */
  forgetAll(): void {
    this.#resting.clear();
  }

  #answer(delivery: Delivery, queued: QueuedHint | undefined): void {
    // A duplicate, or a hint of a cancelled, expired or forged task: nobody needs it.
    if (!queued) return delivery.ack();
    // A duplicate of a resting hint, which comes back. Kept, duplicates would add up and hide from
    // the repair that hints of other tasks are lost.
    if (this.#resting.has(delivery.taskId)) return delivery.ack();
    // A worker's own queue is read by that worker only. A hint of its task in another queue is
    // forged.
    if (isWorkerQueue(queued.queue) && queued.queue !== delivery.queue) return delivery.ack();
    if (queued.paused || this.#isPaused(queued.name)) return this.#rest(delivery, PAUSED_RETRY_MS);
    const known = this.parts.names.includes(queued.name);
    if (known && queued.crashCount >= this.poisonIsolation.from) {
      if (!this.poisonIsolation.offer(delivery)) this.restForLater(delivery);
      return;
    }
    const step = Math.min(delivery.bounces, FOREIGN_BACKOFF_MS.length - 1);
    this.#rest(delivery, FOREIGN_BACKOFF_MS[step]!);
    if (delivery.bounces === FOREIGN_BACKOFF_MS.length && !known) {
      const { taskId, queue, name } = queued;
      this.parts.log.warn("Task waits for a worker that has its definition", { taskId, task: name, queue });
    }
  }

  /** Whether this worker has the definition, and an override pauses it. */
  #isPaused(name: string): boolean {
    return this.parts.names.includes(name) && this.parts.startable?.().includes(name) === false;
  }

  #rest(delivery: Delivery, ms: number): void {
    // Timers may fire slightly early: the hint that comes back must not look like its duplicate.
    this.#resting.set(delivery.taskId, performance.now() + ms - TIMER_SLACK_MS);
    delivery.retry(ms);
  }

  #forgetRested(): void {
    const now = performance.now();
    for (const [taskId, until] of this.#resting) if (until <= now) this.#resting.delete(taskId);
  }
}
