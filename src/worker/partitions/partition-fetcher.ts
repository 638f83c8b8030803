import type { Delivery } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { HintSender } from "../../engine/enqueue/hint-sender.ts";
import type {
  Partition,
  PartitionClaim,
  PartitionClaimed,
  PartitionStore,
} from "../../store/partitions/partition-store.ts";
import type { ClaimedTask, QueuedHint } from "../../store/tasks/task-store.ts";
import { ConcurrencyRoom, fairShares, type Shares, type WaitingKey } from "../../task/limits/fair-shares.ts";
import { NO_KEYS, type TaskLimits } from "../../task/limits/limits.ts";
import { QUEUE_PARTITION } from "../../task/records/hint.ts";
import type { Slots } from "../slots.ts";
import type { Incarnation } from "../worker-state.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { PartitionPermits, PartitionRoom } from "./partition-room.ts";
import { PartitionTimers, VainLooks } from "./partition-waits.ts";

export interface PartitionFetcherParts {
  readonly store: PartitionStore;
  readonly limiter: RateLimiter;
  readonly hints: Pick<HintSender, "send">;
  readonly slots: Slots;
  /** Names of the definitions that this worker can run. */
  readonly names: readonly string[];
  readonly limits: Pick<CurrentLimits, "ofTask" | "isPaused" | "ofQueue">;
  /** Whether tasks may be claimed now, beside the fetcher's own claims. */
  readonly mayClaim: () => boolean;
  /** Starts the attempts of claimed tasks, which have their slots already. */
  readonly onClaimed: (tasks: readonly ClaimedTask[]) => void;
}

/** What all claims of one hint have in common. */
interface ClaimContext {
  readonly incarnation: Incarnation;
  /** Which tasks may be claimed, by the number of their crashes. */
  readonly crashes: Pick<PartitionClaim, "crashesBelow" | "crashesFrom">;
  /**
   * How many tasks of the definition are STARTED, by key: it avoids claims without result. The
   * claim counts again.
   *
   * @default unknown
   */
  readonly running?: ReadonlyMap<string, number>;
  /** Slots that were taken before the claim. @default none */
  readonly reserved?: { left: number };
}

/** Takes over the hint of a task to isolate. Returns false when another such task waits or runs. */
type OfferIsolated = (delivery: Delivery) => boolean;

/** The result of a look at a partition. */
interface Look {
  readonly tasks: readonly ClaimedTask[];
  /** When more tasks may start, in milliseconds from now; null when no limit prevents it. */
  readonly waitMs: number | null;
}

/** Keys per step of a look. */
const PAGE = 200;
/**
 * How long a partition at its concurrency limit waits for a task to end. It is woken at once by
 * workers that know of the end.
 */
const FULL_WAIT_MS = 1_000;
/** How long a partition rests that this worker cannot run, or whose tasks are being changed. */
const LATER_MS = 200;
const PAUSED_MS = 1_000;
const LEAST_WAIT_MS = 2;
/** For a shorter wait the hint stays in this process. */
const NEAR_MS = 150;
const BUSY_MS = 5;
const ISOLATED_MS = 1_000;
const NO_LIMITS: TaskLimits = { rate: null, concurrency: [], keys: [] };
const NOTHING: PartitionClaimed = { tasks: [], allowed: 0 };
const NOTHING_RUNS: ReadonlyMap<string, number> = new Map();

/**
 * Claims limited tasks. Their hints name partitions instead of tasks. The worker that has a
 * partition's hint looks how many of its tasks may start now, claims as many in their order, and
 * returns the hint for the time when more may start. So a partition costs the same however many
 * tasks wait in it, and one worker at a time claims from it.
 *
 * Rates: the limiter gives permits before the claim, and gets the number of used ones after it.
 * Concurrency: the claim itself counts, in the database. The keys of a partition take turns.
 */
export class PartitionFetcher {
  readonly #vainLooks = new VainLooks();
  readonly #timers = new PartitionTimers();

  constructor(private readonly parts: PartitionFetcherParts) {}

  /** Names of the definitions whose tasks a plain claim may return. */
  get plainNames(): readonly string[] {
    return this.parts.names.filter((name) => this.#mayBePlain(name));
  }

  /**
   * Returns the hints whose tasks may be claimed one by one. The others are of limited queues: they
   * are sent to the partitions of these.
   */
  async splitLimited(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    if (!deliveries.some(({ queue }) => this.parts.limits.ofQueue(queue))) return deliveries;
    const limited = deliveries.filter(({ queue }) => this.parts.limits.ofQueue(queue));
    await this.#toPartitions(limited, () => QUEUE_PARTITION);
    return deliveries.filter(({ queue }) => !this.parts.limits.ofQueue(queue));
  }

  /**
   * Returns, of the hints that a plain claim left unclaimed, those without limits. The others are
   * sent to their partitions.
   */
  async takeLimited(
    unclaimed: readonly Delivery[],
    queued: ReadonlyMap<string, QueuedHint>,
  ): Promise<readonly Delivery[]> {
    const partitionOf = ({ taskId }: Delivery): string | null => this.#partitionOf(queued.get(taskId));
    const limited = unclaimed.filter((delivery) => partitionOf(delivery) !== null);
    if (limited.length === 0) return unclaimed;
    const keyless = limited.map(({ taskId }) => queued.get(taskId)!).filter((one) => one.limitKey === null);
    const names = this.parts.names.filter((name) => this.parts.limits.ofTask(name) !== null);
    if (keyless.some(({ name }) => names.includes(name)))
      await this.parts.store.backfillLimitKey(
        keyless.map(({ taskId }) => taskId),
        names,
      );
    await this.#toPartitions(limited, (delivery) => partitionOf(delivery)!);
    return unclaimed.filter((delivery) => partitionOf(delivery) === null);
  }

  /** Claims from the partitions of some hints, one after the other, and answers each hint. */
  async claim(
    deliveries: readonly Delivery[],
    incarnation: Incarnation,
    crashesBelow: number,
    offer: OfferIsolated,
  ): Promise<void> {
    for (const [index, delivery] of deliveries.entries()) {
      const share = Math.ceil(this.parts.slots.free / (deliveries.length - index));
      if (share < 1) delivery.retry(0);
      else await this.#claimFrom(delivery, share, { incarnation, crashes: { crashesBelow } }, offer);
    }
  }

  /**
   * Claims the first task of a partition if it must be isolated and may start now; returns its id.
   */
  async claimIsolated(
    delivery: Delivery,
    incarnation: Incarnation,
    crashesFrom: number,
  ): Promise<string | null> {
    const partition = partitionOf(delivery);
    const first = await this.parts.store.firstWaiting(partition, this.parts.names);
    if (!first || first.crashCount < crashesFrom) return null;
    const candidates = [{ key: first.key ?? NO_KEYS, count: 1 }];
    const { tasks } = await this.#claim(partition, candidates, 1, { incarnation, crashes: { crashesFrom } });
    return tasks[0]?.summary.id ?? null;
  }

  /** Returns waiting hints to the broker; resolves when current claims have ended. */
  stop(): Promise<void> {
    return this.#timers.stop();
  }

  #mayBePlain(name: string): boolean {
    return this.parts.limits.ofTask(name) === null && !this.parts.limits.isPaused(name);
  }

  async #claimFrom(
    delivery: Delivery,
    slots: number,
    context: ClaimContext,
    offer: OfferIsolated,
  ): Promise<void> {
    const partition = partitionOf(delivery);
    if (partition.partition !== QUEUE_PARTITION && !this.parts.names.includes(partition.partition))
      return delivery.retry(LATER_MS);
    if (this.parts.limits.isPaused(partition.partition)) return delivery.retry(PAUSED_MS);
    const tooSoonMs = this.#vainLooks.waitMs(partition);
    if (tooSoonMs > 0) return delivery.retry(tooSoonMs);
    const { tasks, waitMs } = await this.#look(partition, slots, context);
    if (tasks.length >= slots) return delivery.retry(0);
    if (waitMs !== null) return this.#wait(delivery, waitMs, slots, context, offer);
    const next = await this.parts.store.firstWaiting(partition, this.parts.names);
    if (!next) return delivery.ack();
    const known = this.parts.names.includes(next.name);
    const mustBeIsolated = known && next.crashCount >= (context.crashes.crashesBelow ?? Infinity);
    // The partition's own hint continues: its other tasks need not wait for this one.
    if (mustBeIsolated) offer({ ...delivery, taskId: next.id, ack: () => undefined, retry: () => undefined });
    delivery.retry(mustBeIsolated ? ISOLATED_MS : LATER_MS);
  }

  /**
   * Waits until more tasks may start. The hint of a partition with keys is returned meanwhile: its
   * other keys may be free sooner.
   */
  #wait(
    delivery: Delivery,
    waitMs: number,
    slots: number,
    context: ClaimContext,
    offer: OfferIsolated,
  ): void {
    const ms = Math.max(LEAST_WAIT_MS, waitMs);
    if (this.#limitsOf(partitionOf(delivery)).keys.length > 0) return delivery.retry(ms);
    if (ms > NEAR_MS) return delivery.retry(ms - NEAR_MS / 2);
    const { reserved: _, ...next } = context;
    this.#timers.add(delivery, ms, () => this.#resume(delivery, slots, next, offer));
  }

  /** Claims again, beside the fetcher's own claims: so it takes the slots first. */
  async #resume(
    delivery: Delivery,
    slots: number,
    context: ClaimContext,
    offer: OfferIsolated,
  ): Promise<void> {
    const { slots: all, mayClaim } = this.parts;
    if (!mayClaim()) return this.#wait(delivery, BUSY_MS, slots, context, offer);
    const reserved = { left: Math.min(slots, all.free) };
    if (reserved.left < 1) return delivery.retry(0);
    for (let taken = 0; taken < reserved.left; taken += 1) all.take();
    try {
      await this.#claimFrom(delivery, reserved.left, { ...context, reserved }, offer);
    } finally {
      for (; reserved.left > 0; reserved.left -= 1) all.release();
    }
  }

  async #look(partition: Partition, slots: number, context: ClaimContext): Promise<Look> {
    if (this.#limitsOf(partition).keys.length > 0) return this.#lookByKeys(partition, slots, context);
    const look = await this.#claim(partition, [{ key: NO_KEYS, count: slots }], slots, context);
    if (look.tasks.length > 0 || look.waitMs !== null || partition.partition === QUEUE_PARTITION) return look;
    // Tasks that were enqueued while the definition had keys are found only by these.
    const first = await this.parts.store.firstWaiting(partition, this.parts.names);
    return first && first.key !== NO_KEYS ? this.#lookByKeys(partition, slots, context) : look;
  }

  /**
   * Looks at the keys of a partition in steps, until tasks were claimed or all keys were looked at.
   */
  async #lookByKeys(partition: Partition, slots: number, context: ClaimContext): Promise<Look> {
    const { turn, running } = await this.parts.store.partitionState(partition);
    let waitMs: number | null = null;
    let seen = 0;
    for await (const keys of this.#turns(partition, turn, slots)) {
      const look = await this.#claim(partition, keys, slots, { ...context, running });
      if (look.waitMs !== null) waitMs = Math.min(look.waitMs, waitMs ?? Infinity);
      if (look.tasks.length > 0) return { tasks: look.tasks, waitMs: keys.length < PAGE ? waitMs : 0 };
      seen += keys.length;
    }
    this.#vainLooks.note(partition, seen);
    return { tasks: [], waitMs };
  }

  /**
   * Yields the keys with waiting tasks, in pages: from the key after the last turn to the end, then
   * from the start to that key.
   */
  async *#turns(partition: Partition, turn: string, slots: number): AsyncGenerator<readonly WaitingKey[]> {
    const { store } = this.parts;
    let page = await store.waitingKeys(partition, turn, PAGE, slots);
    for (; page.length === PAGE; page = await store.waitingKeys(partition, page.at(-1)!.key, PAGE, slots))
      yield page;
    let rest: readonly WaitingKey[] = page;
    for (let after = ""; after < turn; rest = []) {
      page = await store.waitingKeys(partition, after, PAGE, slots);
      yield [...rest, ...page.filter(({ key }) => key <= turn)];
      after = page.length === PAGE ? page.at(-1)!.key : turn;
    }
    if (rest.length > 0) yield rest;
  }

  /** Claims as many of the candidates as limits and slots allow, and starts them. */
  async #claim(
    partition: Partition,
    candidates: readonly WaitingKey[],
    slots: number,
    context: ClaimContext,
  ): Promise<Look> {
    const { rate, concurrency } = this.#limitsOf(partition);
    const ofQueue = this.parts.limits.ofQueue(partition.queue)?.rate ?? null;
    const permits = new PartitionPermits(this.parts.limiter, partition, { ofDefinition: rate, ofQueue });
    await permits.take(candidates, slots);
    const running = new ConcurrencyRoom(concurrency, context.running ?? NOTHING_RUNS);
    const room = new PartitionRoom(permits, running);
    const wanted = fairShares(candidates, permits.total, room);
    const { tasks, allowed } =
      wanted.total === 0 ? NOTHING : await this.#claimShares(partition, wanted, context);
    permits.report(tasks.map(({ summary }) => ({ key: summary.limitKey ?? NO_KEYS, count: 1 })));
    if (context.reserved) context.reserved.left -= tasks.length;
    else for (const _ of tasks) this.parts.slots.take();
    this.parts.onClaimed(tasks);
    // When fewer tasks came than were allowed, no limit refused the others.
    const full = (room.wasFull || allowed < wanted.total) && tasks.length === allowed;
    return { tasks, waitMs: full ? Math.min(permits.waitMs ?? Infinity, FULL_WAIT_MS) : permits.waitMs };
  }

  #claimShares(
    partition: Partition,
    wanted: Shares,
    { incarnation, crashes }: ClaimContext,
  ): Promise<PartitionClaimed> {
    const { concurrency, keys } = this.#limitsOf(partition);
    return this.parts.store.claimPartition({
      ...partition,
      ...crashes,
      workerId: incarnation.id,
      workerName: incarnation.name,
      wanted: wanted.shares,
      concurrency,
      queueLimited: this.parts.limits.ofQueue(partition.queue) !== null,
      names: this.plainNames,
      ...(keys.length > 0 && wanted.lastKey !== null ? { turn: wanted.lastKey } : {}),
    });
  }

  #limitsOf({ partition }: Partition): TaskLimits {
    return (partition === QUEUE_PARTITION ? null : this.parts.limits.ofTask(partition)) ?? NO_LIMITS;
  }

  #partitionOf(queued: QueuedHint | undefined): string | null {
    if (!queued) return null;
    if (queued.limitKey !== null || this.parts.limits.ofTask(queued.name) !== null) return queued.name;
    return queued.queueLimited ? QUEUE_PARTITION : null;
  }

  /** Sends, then acknowledges: if this process dies in between, the hints are delivered again. */
  async #toPartitions(
    limited: readonly Delivery[],
    partition: (delivery: Delivery) => string,
  ): Promise<void> {
    await this.parts.hints.send(
      limited.map((delivery) => ({
        taskId: delivery.taskId,
        queue: delivery.queue,
        priority: delivery.priority,
        partition: partition(delivery),
      })),
    );
    for (const delivery of limited) delivery.ack();
  }
}

function partitionOf({ queue, partition }: Delivery): Partition {
  return { queue, partition: partition! };
}
