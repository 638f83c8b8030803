import type { Consumer, Delivery } from "../../broker/broker.ts";
import { nextTurn } from "../../lib/async/event-loop.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import type { Loop } from "../../lib/async/service.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { ClaimedTask, TaskStore } from "../../store/tasks/task-store.ts";
import type { PartitionFetcher } from "../partitions/partition-fetcher.ts";
import type { Slots } from "../slots.ts";
import type { Incarnation } from "../worker-state.ts";
import type { InFlightTasks } from "./in-flight-tasks.ts";
import { PoisonIsolation } from "./poison-isolation.ts";
import { type UnclaimedHintParts, UnclaimedHints } from "./unclaimed-hints.ts";

/** An incarnation and its consumer at the broker. */
interface FetchingIncarnation extends Incarnation {
  readonly consumer: Consumer;
}

export interface FetcherParts extends UnclaimedHintParts {
  readonly store: Pick<TaskStore, "claim" | "stillQueued">;
  readonly slots: Slots;
  readonly inFlight: Pick<InFlightTasks, "size" | "has" | "removal">;
  /** A task whose workers have died this often becomes FAILURE. */
  readonly maxCrashes: number;
  /** Returns the current incarnation. */
  readonly incarnation: () => FetchingIncarnation;
  /** Claims limited tasks. */
  readonly partitions: PartitionFetcher;
  /**
   * Returns the queues to fetch from, without paused ones; none while the worker itself is paused.
   */
  readonly queues: () => readonly string[];
  /** Whether the worker may start more tasks. */
  readonly isReady: () => boolean;
  /** Starts the attempts of claimed tasks, which have their slots already. */
  readonly onClaimed: (tasks: readonly ClaimedTask[]) => void;
}

const ISOLATION_LOG_MS = 10_000;
/** Short: it delays a worker whose broker and database are back. */
const MAX_BACKOFF_MS = 1_000;
const NO_QUEUE_PAUSE_MS = 500;
const NOT_READY_PAUSE_MS = 100;
const FAILED_RETRY_MS = 1_000;
/**
 * The slowest round ends within 40 s: a read that blocks for 5 s, statements with a timeout of 14 s
 * each, the pause after a failure.
 */
const HANGS_AFTER_MS = 60_000;

/**
 * The worker's loop: fetches hints for free slots, claims their tasks, starts the attempts. Errors
 * back off; only `stop` ends the loop.
 */
export class Fetcher implements Loop {
  readonly name = "fetcher";
  readonly #stopped = new AbortController();
  /** Ends the waits of the current round. */
  #wait = new AbortController();
  #round: Promise<void> | null = null;
  readonly #outage: OutageLog;
  #loop: Promise<void> = Promise.resolve();
  readonly #poisonIsolation: PoisonIsolation;
  readonly #unclaimed: UnclaimedHints;
  readonly #isolationLog = new LogLimit(ISOLATION_LOG_MS);
  #incarnationId = "";
  /** Whether a claim is under way: how many slots it takes is not known yet. */
  #claiming = false;
  /** End of the last round, by the monotonic clock. Rounds that fail or find nothing count too. */
  lastRoundAt = performance.now();

  constructor(private readonly parts: FetcherParts) {
    this.#outage = new OutageLog(parts.log, "Fetching tasks failed; it is retried");
    this.#poisonIsolation = new PoisonIsolation(parts.inFlight, parts.maxCrashes);
    this.#unclaimed = new UnclaimedHints(parts, this.#poisonIsolation);
  }

  get hungMs(): number | null {
    // A worker without a free slot waits for one, however long its tasks run.
    if (this.#stopped.signal.aborted || this.parts.slots.free === 0) return null;
    const ms = performance.now() - this.lastRoundAt;
    return ms > HANGS_AFTER_MS ? Math.round(ms) : null;
  }

  /** Whether other code may claim tasks now, beside this loop. */
  get mayClaimBeside(): boolean {
    const closed = this.#poisonIsolation.closedMs > 0 || !this.parts.isReady();
    return !closed && !this.#claiming && !this.#stopped.signal.aborted;
  }

  start(): void {
    this.lastRoundAt = performance.now();
    this.#loop = this.#run();
  }

  /** Ends the loop; resolves when every fetched hint is claimed or returned to the broker. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    void this.interrupt();
    await this.#loop;
    await this.parts.partitions.stop();
  }

  /**
   * Starts a new round at once: queues, slots or limits have changed. Resolves when the round that
   * used the old ones has ended.
   */
  async interrupt(): Promise<void> {
    const ended = this.#wait;
    this.#wait = new AbortController();
    ended.abort();
    this.parts.slots.wake();
    await this.#round?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopped.signal.aborted) {
      const { signal } = this.#wait;
      try {
        await (this.#round = this.#fetchAndClaim(signal));
        failures = 0;
        this.#outage.over();
      } catch (error) {
        failures += 1;
        this.#outage.note(error);
        await pause(backoff(failures), signal);
      }
      this.lastRoundAt = performance.now();
    }
    this.#round = null;
    this.#poisonIsolation.takeWaiting()?.retry(0);
  }

  /** One round. */
  async #fetchAndClaim(signal: AbortSignal): Promise<void> {
    const { slots } = this.parts;
    if (!this.parts.isReady()) return pause(NOT_READY_PAUSE_MS, signal);
    // Attempts that waited for the same event end one after another in one turn of the event loop:
    // a claim for the first free slot would mean one statement for each.
    if (slots.free === 0) return slots.whenFree().then(nextTurn);
    const incarnation = this.#incarnation();
    const queues = this.parts.queues();
    if (queues.length === 0) this.#poisonIsolation.takeWaiting()?.retry(0);
    const isolated = this.#poisonIsolation.takeDue();
    if (isolated) return this.#claimIsolated(isolated, incarnation);
    const closedMs = this.#poisonIsolation.closedMs;
    if (closedMs > 0) return pause(closedMs, signal, this.parts.inFlight.removal);
    if (queues.length === 0) return pause(NO_QUEUE_PAUSE_MS, signal);
    const deliveries = this.#permitted(await incarnation.consumer.fetch(queues, slots.free, signal));
    // failpoint: fetcher.fetched when deliveries.length > 0
    this.#claiming = true;
    try {
      await this.#claimAll(deliveries, incarnation);
    } finally {
      this.#claiming = false;
    }
  }

  async #claimAll(deliveries: readonly Delivery[], incarnation: FetchingIncarnation): Promise<void> {
    const ofTasks = deliveries.filter(({ partition }) => partition === undefined);
    if (ofTasks.length > 0) await this.#claimTasks(ofTasks, incarnation);
    const ofPartitions =
      deliveries.length > ofTasks.length ? deliveries.filter(({ partition }) => partition !== undefined) : [];
    if (ofPartitions.length > 0) await this.#claimPartitions(ofPartitions, incarnation);
  }

  async #claimPartitions(deliveries: readonly Delivery[], incarnation: Incarnation): Promise<void> {
    const { from } = this.#poisonIsolation;
    try {
      await this.parts.partitions.claim(deliveries, incarnation, from, (delivery) =>
        this.#poisonIsolation.offer(delivery),
      );
    } catch (error) {
      for (const delivery of deliveries) delivery.retry(FAILED_RETRY_MS);
      throw error;
    }
  }

  /**
   * Returns the hints that may still be used. A command may have removed slots or queues during the
   * fetch, or a partition may have taken slots.
   */
  #permitted(deliveries: readonly Delivery[]): readonly Delivery[] {
    if (deliveries.length === 0) return deliveries;
    const queues = this.parts.queues();
    const permitted = deliveries
      .filter(({ queue }) => queues.includes(queue))
      .slice(0, this.parts.slots.free);
    if (permitted.length < deliveries.length)
      for (const delivery of deliveries) if (!permitted.includes(delivery)) delivery.retry(0);
    return permitted;
  }

  #incarnation(): FetchingIncarnation {
    const incarnation = this.parts.incarnation();
    if (incarnation.id !== this.#incarnationId) {
      // The previous consumer has returned its hints to the broker.
      this.#unclaimed.forgetAll();
      this.#poisonIsolation.takeWaiting();
    }
    this.#incarnationId = incarnation.id;
    return incarnation;
  }

  async #claimTasks(deliveries: readonly Delivery[], incarnation: Incarnation): Promise<void> {
    try {
      const plain = await this.parts.partitions.splitLimited(deliveries);
      if (plain.length === 0) return;
      await this.#answer(plain, await this.#claim(plain, incarnation, this.#poisonIsolation.from));
    } catch (error) {
      // Whatever the error: unanswered hints would return only when they are claimed as idle, and
      // count as hints until then.
      for (const delivery of deliveries) delivery.retry(FAILED_RETRY_MS);
      throw error;
    }
  }

  async #claimIsolated(delivery: Delivery, incarnation: Incarnation): Promise<void> {
    let taskId: string | null = null;
    this.#claiming = true;
    try {
      if (delivery.partition !== undefined)
        taskId = await this.parts.partitions.claimIsolated(delivery, incarnation, this.#poisonIsolation.from);
      else [taskId = null] = await this.#claim([delivery], incarnation);
    } finally {
      this.#claiming = false;
      if (taskId !== null) delivery.ack();
      else this.#unclaimed.restForLater(delivery);
    }
    if (taskId === null) return;
    const { queue } = delivery;
    this.#poisonIsolation.started(taskId);
    this.#isolationLog.pass(() =>
      this.parts.log.info("Task started in isolation: it may have killed its workers", { taskId, queue }),
    );
  }

  /** Claims the tasks of some hints and starts them; returns their ids. */
  async #claim(
    deliveries: readonly Delivery[],
    { id, name }: Incarnation,
    crashesBelow?: number,
  ): Promise<ReadonlySet<string>> {
    const claimed = await this.parts.store.claim({
      taskIds: deliveries.map((delivery) => delivery.taskId),
      workerId: id,
      workerName: name,
      names: this.parts.partitions.plainNames,
      ...(crashesBelow === undefined ? {} : { crashesBelow }),
    });
    // failpoint: claim.committed
    for (const _ of claimed) this.parts.slots.take();
    this.parts.onClaimed(claimed);
    return new Set(claimed.map((task) => task.summary.id));
  }

  async #answer(deliveries: readonly Delivery[], claimed: ReadonlySet<string>): Promise<void> {
    const unclaimed = deliveries.filter((delivery) => !claimed.has(delivery.taskId));
    for (const delivery of deliveries) if (claimed.has(delivery.taskId)) delivery.ack();
    // failpoint: claim.acked
    if (unclaimed.length === 0) return;
    const queued = await this.parts.store.stillQueued(unclaimed.map((delivery) => delivery.taskId));
    const byId = new Map(queued.map((hint) => [hint.taskId, hint]));
    this.#unclaimed.answer(await this.parts.partitions.takeLimited(unclaimed, byId), byId);
  }
}

function backoff(failures: number): number {
  const ceiling = Math.min(100 * 2 ** failures, MAX_BACKOFF_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Resolves after a time, or when `earlier` resolves or `signal` aborts. */
function pause(ms: number, signal: AbortSignal, earlier?: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    void earlier?.then(done);
  });
}
