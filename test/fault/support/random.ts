import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Chance that can be repeated: the same seed gives the same choices. `FAULT_SEED` sets it; it is
 * printed in any case.
 */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(test: string, seed = Number(process.env.FAULT_SEED ?? randomInt(1, 1_000_000))) {
    this.seed = seed;
    this.#state = Array.from(test).reduce(
      (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619),
      seed,
    );
    console.log(`${test}: FAULT_SEED=${seed}`);
  }

  /** From 0 to 1, without 1. By the generator "mulberry32". */
  next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("There is nothing to pick from.");
    return items[Math.floor(this.next() * items.length)]!;
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, place: this.next() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }

  /**
   * When a fault comes is part of the fault: this is the one pause in these tests that waits for
   * nothing.
   */
  async pause(minMs: number, maxMs: number): Promise<void> {
    await sleep(this.between(minMs, maxMs));
  }
}
