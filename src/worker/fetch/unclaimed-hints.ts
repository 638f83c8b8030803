import type { Delivery } from "../../broker/broker.ts";
import type { Logger } from "../../lib/log.ts";
import type { QueuedHint } from "../../store/tasks/task-store.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import type { PoisonIsolation } from "./poison-isolation.ts";

export interface UnclaimedHintParts {
  /** Names of the definitions that this worker can run. */
  readonly names: readonly string[];
  /** Those of them whose tasks may begin now. @default all */
  readonly startable?: () => readonly string[];
  readonly log: Logger;
}

/** How long a hint rests that this worker cannot use, by how often it came back: others get their chance, nobody spins. */
const FOREIGN_BACKOFF_MS = [50, 100, 200, 400, 800, 1_600, 3_200, 5_000];
const PAUSED_RETRY_MS = 5_000;
/** The same for a task's last chance that must wait for another one's: meanwhile any worker may have it. */
const LATER_RETRY_MS = 1_000;
const TIMER_SLACK_MS = 20;

/** Answers the hints of tasks that a claim left: for most nobody has anything to do, the others rest, and come back. */
export class UnclaimedHints {
  /** Tasks whose hints rest with the consumer of this incarnation, and until when. */
  readonly #resting = new Map<string, number>();

  constructor(
    private readonly parts: UnclaimedHintParts,
    private readonly poisonIsolation: PoisonIsolation,
  ) {}

  /** @param queued the tasks that still wait, by id */
  answer(deliveries: readonly Delivery[], queued: ReadonlyMap<string, QueuedHint>): void {
    this.#forgetRested();
    for (const delivery of deliveries) this.#answer(delivery, queued.get(delivery.taskId));
  }

  /** Lets the hint of a last chance rest that cannot begin yet. */
  restForLater(delivery: Delivery): void {
    this.#rest(delivery, LATER_RETRY_MS);
  }

  /** What rested went back with the consumer that had it. */
  forgetAll(): void {
    this.#resting.clear();
  }

  #answer(delivery: Delivery, queued: QueuedHint | undefined): void {
    // A double, cancelled, expired, or forged: nothing to do for anyone.
    if (!queued) return delivery.ack();
    // A double, too: the other one comes back. Kept, they would add up, and hide from the repair that hints of other tasks are lost.
    if (this.#resting.has(delivery.taskId)) return delivery.ack();
    // A worker's own queue is read by that worker only: a hint of it elsewhere was forged, and the right one is in its place.
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
      this.parts.log.warn("A task waits for a worker that knows its name", { taskId, task: name, queue });
    }
  }

  /** Whether this worker knows the definition, and was told to let its tasks wait. */
  #isPaused(name: string): boolean {
    return this.parts.names.includes(name) && this.parts.startable?.().includes(name) === false;
  }

  #rest(delivery: Delivery, ms: number): void {
    // Timers may fire a little early: the hint itself must not pass for its double when it comes back.
    this.#resting.set(delivery.taskId, performance.now() + ms - TIMER_SLACK_MS);
    delivery.retry(ms);
  }

  #forgetRested(): void {
    const now = performance.now();
    for (const [taskId, until] of this.#resting) if (until <= now) this.#resting.delete(taskId);
  }
}
