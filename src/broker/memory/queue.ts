import { Fifo } from "../../lib/async/fifo.ts";
import type { Hint } from "../../task/records/hint.ts";
import { PRIORITIES, priorityRank } from "../../task/definition/priority.ts";
import { MemoryPartitions } from "./partitions.ts";
import { PARTITION_RANK, readingOrder } from "../reading-order.ts";

export interface WaitingHint {
  readonly hint: Hint;
  readonly bounces: number;
}

/** The hints of one queue, and who waits for them. */
export class MemoryQueue {
  /** By rank, lowest first. */
  readonly #levels = PRIORITIES.map(() => new Fifo<WaitingHint>());
  readonly #waiting = new Set<() => void>();
  readonly partitions = new MemoryPartitions(() => this.#wakeAll());
  /** Counts the readings that found something. */
  #turn = 0;
  /** Delivered and not answered, or waiting for their retry. */
  #out = 0;

  get depth(): number {
    return this.#levels.reduce((sum, level) => sum + level.size, this.#out);
  }

  get hasHints(): boolean {
    return this.partitions.size > 0 || this.#levels.some((level) => level.size > 0);
  }

  add(waiting: WaitingHint): void {
    this.#levels[priorityRank(waiting.hint.priority)]!.push(waiting);
    this.#wakeAll();
  }

  /** Takes up to `max`: see `readingOrder`. Each is answered by `settle` or `putBack`. */
  take(max: number): WaitingHint[] {
    const taken: WaitingHint[] = [];
    for (const rank of readingOrder(this.#turn)) {
      if (rank === PARTITION_RANK) this.#takePartitions(taken, max);
      else this.#takeLevel(rank, taken, max);
    }
    if (taken.length > 0) this.#turn += 1;
    return taken;
  }

  #takeLevel(rank: number, taken: WaitingHint[], max: number): void {
    const level = this.#levels[rank]!;
    for (; taken.length < max && level.size > 0; this.#out += 1) taken.push(level.shift()!);
  }

  #takePartitions(taken: WaitingHint[], max: number): void {
    while (taken.length < max && this.partitions.size > 0)
      taken.push({ hint: this.partitions.take()!, bounces: 0 });
  }

  #wakeAll(): void {
    // All of them: one that is about to leave would keep the hint from the others.
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** A hint that was taken is done with. */
  settle(): void {
    this.#out -= 1;
  }

  /** A hint that was taken is to be delivered again. */
  putBack(waiting: WaitingHint): void {
    this.#out -= 1;
    this.add(waiting);
  }

  clear(): void {
    for (const level of this.#levels) level.clear();
  }

  /** Calls `wake` once when something comes. */
  onAdd(wake: () => void): void {
    this.#waiting.add(wake);
  }

  offAdd(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
