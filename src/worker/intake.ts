import type { Consumer, Delivery } from "../broker/broker.ts";
import type { Logger } from "../lib/log.ts";
import { OutageLog } from "../lib/outage-log.ts";
import type { ClaimedTask, QueuedHint, TaskStore } from "../store/task-store.ts";
import type { Slots } from "./slots.ts";

export interface IntakeParts {
  readonly store: Pick<TaskStore, "claim" | "stillQueued">;
  readonly slots: Slots;
  readonly log: Logger;
  /** This incarnation's consumer, id and name: they change when a worker had been given up and begins again. */
  readonly self: () => { readonly consumer: Consumer; readonly id: string; readonly name: string };
  /** Names of the definitions that this worker can run. */
  readonly names: readonly string[];
  /** Queues to fetch from, without paused ones. */
  readonly queues: () => readonly string[];
  /** Whether the worker may take on more. */
  readonly ready: () => boolean;
  /** Begins the tasks; each holds a slot already. */
  readonly onClaimed: (tasks: readonly ClaimedTask[]) => void;
}

/** How long a hint rests that this worker cannot use, by how often it came back: others get their chance, nobody spins. */
const FOREIGN_BACKOFF_MS = [50, 100, 200, 400, 800, 1_600, 3_200, 5_000];
const PAUSED_RETRY_MS = 5_000;
const TIMER_SLACK_MS = 20;
const NO_QUEUE_PAUSE_MS = 500;
const NOT_READY_PAUSE_MS = 100;

/** Fetch → claim → begin, as long as slots are free. Errors back off; the loop ends only when it is told to. */
export class Intake {
  readonly #abort = new AbortController();
  readonly #outage: OutageLog;
  #loop: Promise<void> = Promise.resolve();
  /** Tasks whose hints rest with the consumer of this incarnation, and until when. */
  readonly #resting = new Map<string, number>();
  #incarnation = "";
  /** When the loop last came round, by the monotonic clock: for liveness. Also a round that found nothing to do, or failed, counts. */
  lastRoundAt = performance.now();

  constructor(private readonly parts: IntakeParts) {
    this.#outage = new OutageLog(parts.log, "No tasks can be taken on at present");
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Takes no more; resolves when what was fetched is begun or handed back. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.parts.slots.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#takeOn(signal);
        failures = 0;
        this.#outage.over();
      } catch (error) {
        failures += 1;
        this.#outage.note(error);
        await pause(backoff(failures), signal);
      }
      this.lastRoundAt = performance.now();
    }
  }

  async #takeOn(signal: AbortSignal): Promise<void> {
    const { slots } = this.parts;
    if (!this.parts.ready()) return pause(NOT_READY_PAUSE_MS, signal);
    if (slots.free === 0) return slots.whenFree();
    const queues = this.parts.queues();
    if (queues.length === 0) return pause(NO_QUEUE_PAUSE_MS, signal);
    const { consumer, id, name } = this.parts.self();
    if (id !== this.#incarnation) this.#resting.clear();
    this.#incarnation = id;
    const deliveries = await consumer.fetch(queues, slots.free, signal);
    if (deliveries.length > 0) await this.#claim(deliveries, id, name);
  }

  async #claim(deliveries: readonly Delivery[], workerId: string, workerName: string): Promise<void> {
    const taskIds = deliveries.map((delivery) => delivery.taskId);
    try {
      const claimed = await this.parts.store.claim({
        taskIds,
        workerId,
        workerName,
        names: this.parts.names,
      });
      for (const _ of claimed) this.parts.slots.take();
      this.parts.onClaimed(claimed);
      await this.#answer(deliveries, new Set(claimed.map((task) => task.summary.id)));
    } catch (error) {
      // Whatever the error: unanswered hints would come back after the take-over time at best, and count as hints until then.
      for (const delivery of deliveries) delivery.retry(1_000);
      throw error;
    }
  }

  async #answer(deliveries: readonly Delivery[], ours: ReadonlySet<string>): Promise<void> {
    const left = deliveries.filter((delivery) => !ours.has(delivery.taskId));
    for (const delivery of deliveries) if (ours.has(delivery.taskId)) delivery.ack();
    if (left.length === 0) return;
    const queued = await this.parts.store.stillQueued(left.map((delivery) => delivery.taskId));
    const byId = new Map(queued.map((hint) => [hint.taskId, hint]));
    this.#forgetRested();
    for (const delivery of left) this.#answerLeft(delivery, byId.get(delivery.taskId));
  }

  #answerLeft(delivery: Delivery, queued: QueuedHint | undefined): void {
    // A double, cancelled, expired, or forged: nothing to do for anyone.
    if (!queued) return delivery.ack();
    // A double, too: the other one comes back. Kept, they would add up, and hide from the repair that hints of other tasks are lost.
    if (this.#resting.has(delivery.taskId)) return delivery.ack();
    if (queued.paused) return this.#rest(delivery, PAUSED_RETRY_MS);
    const step = Math.min(delivery.bounces, FOREIGN_BACKOFF_MS.length - 1);
    this.#rest(delivery, FOREIGN_BACKOFF_MS[step]!);
    if (delivery.bounces === FOREIGN_BACKOFF_MS.length && !this.parts.names.includes(queued.name)) {
      const { taskId, queue, name } = queued;
      this.parts.log.warn("A task waits for a worker that knows its name", { taskId, task: name, queue });
    }
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

function backoff(failures: number): number {
  const ceiling = Math.min(100 * 2 ** failures, 5_000);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
