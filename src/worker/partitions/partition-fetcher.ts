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
import {
  ConcurrencyRoom,
  fairShares,
  type Room,
  type Shares,
  type WaitingKey,
} from "../../task/limits/fair-shares.ts";
import { QUEUE_PARTITION } from "../../task/records/hint.ts";
import { NO_KEYS, type TaskLimits } from "../../task/limits/limits.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { PartitionHolds } from "./partition-holds.ts";
import { PartitionPermits } from "./partition-permits.ts";
import type { Slots } from "../slots.ts";

export interface PartitionFetcherParts {
  readonly store: PartitionStore;
  readonly limiter: RateLimiter;
  readonly hints: Pick<HintSender, "send">;
  readonly slots: Slots;
  /** Names of the definitions that this worker can run. */
  readonly names: readonly string[];
  readonly limits: CurrentLimits;
  /** Whether tasks may begin just now beside what the worker does otherwise. */
  readonly mayBegin: () => boolean;
  /** Begins the tasks; each holds a slot already. */
  readonly onClaimed: (tasks: readonly ClaimedTask[]) => void;
}

interface Self {
  readonly id: string;
  readonly name: string;
}

/** Which tasks of a partition may be claimed, by how often their workers died. */
type Crashes = Pick<PartitionClaim, "crashesBelow" | "crashesFrom">;

/** Who claims what. */
interface How {
  readonly self: Self;
  readonly crashes: Crashes;
  /** How many tasks of the definition run, by key: not to ask in vain. The claim counts them again. @default unknown */
  readonly running?: ReadonlyMap<string, number>;
  /** Slots that were taken already. @default none */
  readonly reserved?: { left: number };
}

/** Takes a last chance to be run alone; false when another one is. */
type Offer = (delivery: Delivery) => boolean;

/** What a look at a partition came to. */
interface Look {
  readonly tasks: readonly ClaimedTask[];
  /** After so many milliseconds more may begin; null when no limit stands in the way. */
  readonly waitMs: number | null;
}

/** Keys that are looked at in one step. */
const PAGE = 200;
/** How long a partition whose limits of concurrency are reached waits at most for a task to end: where that was told, it is woken at once. */
const FULL_WAIT_MS = 1_000;
/** How long a partition rests that this worker cannot run, or whose tasks somebody else is just changing. */
const LATER_MS = 200;
const PAUSED_MS = 1_000;
const LEAST_WAIT_MS = 2;
/** A partition that may go on so soon is not handed back. */
const NEAR_MS = 150;
const BUSY_MS = 5;
const LAST_CHANCE_MS = 1_000;
const NO_LIMITS: TaskLimits = { rate: null, concurrency: [], keys: [] };
const NOTHING: PartitionClaimed = { tasks: [], allowed: 0 };
const NOTHING_RUNS: ReadonlyMap<string, number> = new Map();

/**
 * Takes on limited tasks. Their hints name partitions, not tasks: whoever has one looks how many of the partition may begin now, claims so many in
 * their order, and hands the hint back for when more may. So a partition costs the same however many tasks wait in it, and one worker at a time
 * has it.
 *
 * Rates are asked of the limiter before the claim, and told after it what was used; concurrency is counted by the claim itself, in the
 * database. Between the keys of a partition the turns go round.
 */
export class PartitionFetcher {
  readonly #vain = new VainLooks();
  readonly #holds = new PartitionHolds();

  constructor(private readonly parts: PartitionFetcherParts) {}

  /** Names of the definitions whose tasks a plain claim may take. */
  get plainNames(): readonly string[] {
    return this.parts.names.filter((name) => this.#mayBePlain(name));
  }

  #mayBePlain(name: string): boolean {
    return this.parts.limits.ofTask(name) === null && !this.parts.limits.isPaused(name);
  }

  /** Of hints without a partition, those that may be claimed one by one; the others belong to limited queues, and go to the partition of these. */
  async splitLimited(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    if (!deliveries.some(({ queue }) => this.parts.limits.ofQueue(queue))) return deliveries;
    const limited = deliveries.filter(({ queue }) => this.parts.limits.ofQueue(queue));
    await this.#toPartitions(limited, () => QUEUE_PARTITION);
    return deliveries.filter(({ queue }) => !this.parts.limits.ofQueue(queue));
  }

  /** Of hints that a plain claim left, those that are not limited; the others go to their partitions. */
  async takeLimited(
    left: readonly Delivery[],
    queued: ReadonlyMap<string, QueuedHint>,
  ): Promise<readonly Delivery[]> {
    const partitionOf = ({ taskId }: Delivery): string | null => this.#partitionOf(queued.get(taskId));
    const limited = left.filter((delivery) => partitionOf(delivery) !== null);
    if (limited.length === 0) return left;
    const old = limited.map(({ taskId }) => queued.get(taskId)!).filter(({ limitKey }) => limitKey === null);
    const names = this.parts.names.filter((name) => this.parts.limits.ofTask(name) !== null);
    if (old.some(({ name }) => names.includes(name)))
      await this.parts.store.backfillLimitKey(
        old.map(({ taskId }) => taskId),
        names,
      );
    await this.#toPartitions(limited, (delivery) => partitionOf(delivery)!);
    return left.filter((delivery) => partitionOf(delivery) === null);
  }

  /** Looks at the partitions of some hints, one after the other, and answers each hint. */
  async begin(
    deliveries: readonly Delivery[],
    self: Self,
    crashesBelow: number,
    offer: Offer,
  ): Promise<void> {
    for (const [index, delivery] of deliveries.entries()) {
      const share = Math.ceil(this.parts.slots.free / (deliveries.length - index));
      if (share < 1) delivery.retry(0);
      else await this.#beginOne(delivery, share, { self, crashes: { crashesBelow } }, offer);
    }
  }

  /** Begins a task's last chance, if it may begin now; returns its id. */
  async beginAlone(delivery: Delivery, self: Self, crashesFrom: number): Promise<string | null> {
    const partition = partitionOf(delivery);
    const first = await this.parts.store.firstWaiting(partition, this.parts.names);
    if (!first || first.crashCount < crashesFrom) return null;
    const candidates = [{ key: first.key ?? NO_KEYS, count: 1 }];
    const { tasks } = await this.#claim(partition, candidates, 1, { self, crashes: { crashesFrom } });
    return tasks[0]?.summary.id ?? null;
  }

  async #beginOne(delivery: Delivery, slots: number, how: How, offer: Offer): Promise<void> {
    const partition = partitionOf(delivery);
    if (partition.partition !== QUEUE_PARTITION && !this.parts.names.includes(partition.partition))
      return delivery.retry(LATER_MS);
    if (this.parts.limits.isPaused(partition.partition)) return delivery.retry(PAUSED_MS);
    const tooSoonMs = this.#vain.waitMs(partition);
    if (tooSoonMs > 0) return delivery.retry(tooSoonMs);
    const { tasks, waitMs } = await this.#look(partition, slots, how);
    if (tasks.length >= slots) return delivery.retry(0);
    if (waitMs !== null) return this.#wait(delivery, waitMs, slots, how, offer);
    const left = await this.parts.store.firstWaiting(partition, this.parts.names);
    if (!left) return delivery.ack();
    const known = this.parts.names.includes(left.name);
    const poisonIsolation = known && left.crashCount >= (how.crashes.crashesBelow ?? Infinity);
    // The hint itself goes on: others of the partition need not wait for this one.
    if (poisonIsolation)
      offer({ ...delivery, taskId: left.id, ack: () => undefined, retry: () => undefined });
    delivery.retry(poisonIsolation ? LAST_CHANCE_MS : LATER_MS);
  }

  /** Until more may begin. A partition with keys is handed back for all that time: others of its keys may be free sooner. */
  #wait(delivery: Delivery, waitMs: number, slots: number, how: How, offer: Offer): void {
    const ms = Math.max(LEAST_WAIT_MS, waitMs);
    if (this.#limitsOf(partitionOf(delivery)).keys.length > 0) return delivery.retry(ms);
    if (ms > NEAR_MS) return delivery.retry(ms - NEAR_MS / 2);
    const { reserved: _, ...again } = how;
    this.#holds.hold(delivery, ms, () => this.#resume(delivery, slots, again, offer));
  }

  /** Looks again, beside what the worker does otherwise: so the slots are taken before. */
  async #resume(delivery: Delivery, slots: number, how: How, offer: Offer): Promise<void> {
    const { slots: all, mayBegin } = this.parts;
    if (!mayBegin()) return this.#wait(delivery, BUSY_MS, slots, how, offer);
    const reserved = { left: Math.min(slots, all.free) };
    if (reserved.left < 1) return delivery.retry(0);
    for (let taken = 0; taken < reserved.left; taken += 1) all.take();
    try {
      await this.#beginOne(delivery, reserved.left, { ...how, reserved }, offer);
    } finally {
      for (; reserved.left > 0; reserved.left -= 1) all.release();
    }
  }

  /** Hands back what is held; resolves when what is under way has begun. */
  stop(): Promise<void> {
    return this.#holds.stop();
  }

  async #look(partition: Partition, slots: number, how: How): Promise<Look> {
    if (this.#limitsOf(partition).keys.length > 0) return this.#lookByKeys(partition, slots, how);
    const look = await this.#claim(partition, [{ key: NO_KEYS, count: slots }], slots, how);
    if (look.tasks.length > 0 || look.waitMs !== null || partition.partition === QUEUE_PARTITION) return look;
    // Tasks that were enqueued when the definition had keys are found by those.
    const first = await this.parts.store.firstWaiting(partition, this.parts.names);
    return first && first.key !== NO_KEYS ? this.#lookByKeys(partition, slots, how) : look;
  }

  /** Until something could be claimed or all keys were looked at. */
  async #lookByKeys(partition: Partition, slots: number, how: How): Promise<Look> {
    const { turn, running } = await this.parts.store.partitionState(partition);
    let waitMs: number | null = null;
    let seen = 0;
    for await (const keys of this.#turns(partition, turn, slots)) {
      const look = await this.#claim(partition, keys, slots, { ...how, running });
      if (look.waitMs !== null) waitMs = Math.min(look.waitMs, waitMs ?? Infinity);
      if (look.tasks.length > 0) return { tasks: look.tasks, waitMs: keys.length < PAGE ? waitMs : 0 };
      seen += keys.length;
    }
    this.#vain.note(partition, seen);
    return { tasks: [], waitMs };
  }

  /** The keys of which tasks wait, some at a time: from the one after the last turn on, and round to that. */
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

  /** Claims as many of these as limits and slots allow, and begins them. */
  async #claim(
    partition: Partition,
    candidates: readonly WaitingKey[],
    slots: number,
    how: How,
  ): Promise<Look> {
    const { rate, concurrency } = this.#limitsOf(partition);
    const ofQueue = this.parts.limits.ofQueue(partition.queue)?.rate ?? null;
    const permits = new PartitionPermits(this.parts.limiter, partition, { ofDefinition: rate, ofQueue });
    await permits.take(candidates, slots);
    const room = new PartitionRoom(permits, new ConcurrencyRoom(concurrency, how.running ?? NOTHING_RUNS));
    const wanted = fairShares(candidates, permits.total, room);
    const { tasks, allowed } = wanted.total === 0 ? NOTHING : await this.#claimIn(partition, wanted, how);
    permits.report(tasks.map(({ summary }) => ({ key: summary.limitKey ?? NO_KEYS, count: 1 })));
    if (how.reserved) how.reserved.left -= tasks.length;
    else for (const _ of tasks) this.parts.slots.take();
    this.parts.onClaimed(tasks);
    // Where fewer came than might have, it was not the limit that kept the others away.
    const full = (room.wasFull || allowed < wanted.total) && tasks.length === allowed;
    return { tasks, waitMs: full ? Math.min(permits.waitMs ?? Infinity, FULL_WAIT_MS) : permits.waitMs };
  }

  #claimIn(partition: Partition, wanted: Shares, { self, crashes }: How): Promise<PartitionClaimed> {
    const { concurrency, keys } = this.#limitsOf(partition);
    return this.parts.store.claimPartition({
      ...partition,
      ...crashes,
      workerId: self.id,
      workerName: self.name,
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

  /** In this order: should this process die in between, the hints come again. */
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

/** What the permits and the limits of concurrency leave. */
class PartitionRoom implements Room {
  readonly #taken = new Map<string, number>();
  /** Whether a limit of concurrency stood in the way. */
  wasFull = false;

  constructor(
    private readonly permits: PartitionPermits,
    private readonly concurrency: ConcurrencyRoom,
  ) {}

  take(key: string): boolean {
    const bucket = this.permits.bucketOf(key);
    const taken = this.#taken.get(bucket) ?? 0;
    if (taken >= this.permits.leftOf(key)) return false;
    if (!this.concurrency.take(key)) {
      this.wasFull = true;
      return false;
    }
    this.#taken.set(bucket, taken + 1);
    return true;
  }
}

/** A look at a partition with thousands of keys takes a while, and each new task of such a partition asks for one: those in vain are spaced out. */
class VainLooks {
  /** For each key that was looked at in vain, in milliseconds: so the looks of a worker at a partition take a small part of its time. */
  static readonly PAUSE_PER_KEY_MS = 0.5;
  static readonly FEW_KEYS = 20;
  /** By queue and partition, until when. */
  readonly #until = new Map<string, number>();

  waitMs({ queue, partition }: Partition): number {
    return (this.#until.get(`${queue} ${partition}`) ?? 0) - performance.now();
  }

  note({ queue, partition }: Partition, keys: number): void {
    if (keys <= VainLooks.FEW_KEYS) this.#until.delete(`${queue} ${partition}`);
    else this.#until.set(`${queue} ${partition}`, performance.now() + keys * VainLooks.PAUSE_PER_KEY_MS);
  }
}
