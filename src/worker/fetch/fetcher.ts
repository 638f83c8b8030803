import type { Consumer, Delivery } from "../../broker/broker.ts";
import type { Loop } from "../../lib/loop-watch.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import { OutageLog } from "../../lib/outage-log.ts";
import type { ClaimedTask, TaskStore } from "../../store/tasks/task-store.ts";
import type { InFlightTasks } from "./in-flight-tasks.ts";
import type { PartitionFetcher } from "../partitions/partition-fetcher.ts";
import { PoisonIsolation } from "./poison-isolation.ts";
import { type UnclaimedHintParts, UnclaimedHints } from "./unclaimed-hints.ts";
import type { Slots } from "../slots.ts";

/** This incarnation's consumer, id and name: they change when a worker had been given up and begins again. */
interface Self {
  readonly consumer: Consumer;
  readonly id: string;
  readonly name: string;
}

export interface FetcherParts extends UnclaimedHintParts {
  readonly store: Pick<TaskStore, "claim" | "stillQueued">;
  readonly slots: Slots;
  readonly inFlight: Pick<InFlightTasks, "size" | "has" | "removal">;
  /** A task whose worker died so often becomes FAILURE. */
  readonly maxCrashes: number;
  readonly self: () => Self;
  /** Where limited tasks are taken on. */
  readonly partitions: PartitionFetcher;
  /** Queues to fetch from, without paused ones; none while the worker itself is paused. */
  readonly queues: () => readonly string[];
  /** Whether the worker may take on more. */
  readonly ready: () => boolean;
  /** Begins the tasks; each holds a slot already. */
  readonly onClaimed: (tasks: readonly ClaimedTask[]) => void;
}

const ALONE_LOG_MS = 10_000;
/** Short: for so long a worker is deaf to a broker and a database that are back. */
const MAX_BACKOFF_MS = 1_000;
const NO_QUEUE_PAUSE_MS = 500;
const NOT_READY_PAUSE_MS = 100;
/** The slowest round ends within 40 s: a read that blocks for 5, statements that are each given up after 14, the pause after a failure. */
const HANGS_AFTER_MS = 60_000;

/** Fetch → claim → begin, as long as slots are free. Errors back off; the loop ends only when it is told to. */
export class Fetcher implements Loop {
  readonly name = "fetcher";
  readonly #abort = new AbortController();
  /** Ends the waits of a round. */
  #wait = new AbortController();
  #round: Promise<void> | null = null;
  readonly #outage: OutageLog;
  #loop: Promise<void> = Promise.resolve();
  readonly #poisonIsolation: PoisonIsolation;
  readonly #left: UnclaimedHints;
  readonly #aloneLog = new LogLimit(ALONE_LOG_MS);
  #incarnation = "";
  /** While it is not known how many slots a claim will take. */
  #claiming = false;
  /** When the loop last came round, by the monotonic clock. Also a round that found nothing to do, or failed, counts. */
  lastRoundAt = performance.now();

  constructor(private readonly parts: FetcherParts) {
    this.#outage = new OutageLog(parts.log, "No tasks can be taken on at present");
    this.#poisonIsolation = new PoisonIsolation(parts.inFlight, parts.maxCrashes);
    this.#left = new UnclaimedHints(parts, this.#poisonIsolation);
  }

  get hungMs(): number | null {
    // A worker whose slots are all taken waits for one of them, and that is no round.
    if (this.#abort.signal.aborted || this.parts.slots.free === 0) return null;
    const ms = performance.now() - this.lastRoundAt;
    return ms > HANGS_AFTER_MS ? Math.round(ms) : null;
  }

  /** Whether tasks may begin beside it. */
  get mayBegin(): boolean {
    const closed = this.#poisonIsolation.closedMs > 0 || !this.parts.ready();
    return !closed && !this.#claiming && !this.#abort.signal.aborted;
  }

  start(): void {
    this.lastRoundAt = performance.now();
    this.#loop = this.#run();
  }

  /** Takes no more; resolves when what was fetched is begun or handed back. */
  async stop(): Promise<void> {
    this.#abort.abort();
    void this.interrupt();
    await this.#loop;
    await this.parts.partitions.stop();
  }

  /**
   * What it may take is another now: it looks again at once. Resolves when nothing that was allowed before can begin any more.
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
    while (!this.#abort.signal.aborted) {
      const { signal } = this.#wait;
      try {
        await (this.#round = this.#takeOn(signal));
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
    this.#poisonIsolation.letGo()?.retry(0);
  }

  async #takeOn(signal: AbortSignal): Promise<void> {
    const { slots } = this.parts;
    if (!this.parts.ready()) return pause(NOT_READY_PAUSE_MS, signal);
    if (slots.free === 0) return slots.whenFree().then(turn);
    const self = this.#self();
    const queues = this.parts.queues();
    if (queues.length === 0) this.#poisonIsolation.letGo()?.retry(0);
    const alone = this.#poisonIsolation.takeDue();
    if (alone) return this.#claimAlone(alone, self);
    const closedMs = this.#poisonIsolation.closedMs;
    if (closedMs > 0) return pause(closedMs, signal, this.parts.inFlight.removal);
    if (queues.length === 0) return pause(NO_QUEUE_PAUSE_MS, signal);
    const deliveries = this.#permitted(await self.consumer.fetch(queues, slots.free, signal));
    // failpoint: fetcher.fetched when deliveries.length > 0
    this.#claiming = true;
    try {
      await this.#takeOnAll(deliveries, self);
    } finally {
      this.#claiming = false;
    }
  }

  async #takeOnAll(deliveries: readonly Delivery[], self: Self): Promise<void> {
    const ofTasks = deliveries.filter(({ partition }) => partition === undefined);
    if (ofTasks.length > 0) await this.#claim(ofTasks, self);
    const ofPartitions =
      deliveries.length > ofTasks.length ? deliveries.filter(({ partition }) => partition !== undefined) : [];
    if (ofPartitions.length > 0) await this.#lookAtPartitions(ofPartitions, self);
  }

  async #lookAtPartitions(deliveries: readonly Delivery[], self: Self): Promise<void> {
    const { from } = this.#poisonIsolation;
    try {
      await this.parts.partitions.begin(deliveries, self, from, (delivery) =>
        this.#poisonIsolation.offer(delivery),
      );
    } catch (error) {
      for (const delivery of deliveries) delivery.retry(1_000);
      throw error;
    }
  }

  /** While it was waited for, fewer slots or queues may have become of those that were asked for: a command, or a partition that was held. */
  #permitted(deliveries: readonly Delivery[]): readonly Delivery[] {
    if (deliveries.length === 0) return deliveries;
    const queues = this.parts.queues();
    const free = Math.max(0, this.parts.slots.free); // Below zero where a worker was made smaller.
    const allowed = deliveries.filter(({ queue }) => queues.includes(queue)).slice(0, free);
    if (allowed.length < deliveries.length)
      for (const delivery of deliveries) if (!allowed.includes(delivery)) delivery.retry(0);
    return allowed;
  }

  #self(): Self {
    const self = this.parts.self();
    if (self.id !== this.#incarnation) {
      // What the earlier consumer had went back with it.
      this.#left.forgetAll();
      this.#poisonIsolation.letGo();
    }
    this.#incarnation = self.id;
    return self;
  }

  async #claim(deliveries: readonly Delivery[], self: Self): Promise<void> {
    try {
      const plain = await this.parts.partitions.splitLimited(deliveries);
      if (plain.length === 0) return;
      await this.#answer(plain, await this.#begin(plain, self, this.#poisonIsolation.from));
    } catch (error) {
      // Whatever the error: unanswered hints would come back after the take-over time at best, and count as hints until then.
      for (const delivery of deliveries) delivery.retry(1_000);
      throw error;
    }
  }

  async #claimAlone(delivery: Delivery, self: Self): Promise<void> {
    let taskId: string | null = null;
    this.#claiming = true;
    try {
      if (delivery.partition !== undefined)
        taskId = await this.parts.partitions.beginAlone(delivery, self, this.#poisonIsolation.from);
      else [taskId = null] = await this.#begin([delivery], self);
    } finally {
      this.#claiming = false;
      if (taskId !== null) delivery.ack();
      else this.#left.restForLater(delivery);
    }
    if (taskId === null) return;
    const { queue } = delivery;
    this.#poisonIsolation.began(taskId);
    this.#aloneLog.pass(() =>
      this.parts.log.info("A task runs alone: it may be what killed the workers that ran it", {
        taskId,
        queue,
      }),
    );
  }

  /** Claims what it can and begins that; returns the ids. */
  async #begin(
    deliveries: readonly Delivery[],
    { id, name }: Self,
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

  async #answer(deliveries: readonly Delivery[], ours: ReadonlySet<string>): Promise<void> {
    const left = deliveries.filter((delivery) => !ours.has(delivery.taskId));
    for (const delivery of deliveries) if (ours.has(delivery.taskId)) delivery.ack();
    // failpoint: claim.acked
    if (left.length === 0) return;
    const queued = await this.parts.store.stillQueued(left.map((delivery) => delivery.taskId));
    const byId = new Map(queued.map((hint) => [hint.taskId, hint]));
    this.#left.answer(await this.parts.partitions.takeLimited(left, byId), byId);
  }
}

function backoff(failures: number): number {
  const ceiling = Math.min(100 * 2 ** failures, MAX_BACKOFF_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/**
 * Lets what else ends in this turn of the event loop end: attempts that waited for the same moment end one after another, and to claim for the
 * first slot at once would mean a statement for each of them.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** So many milliseconds, or until `earlier` resolves or `signal` aborts. */
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
