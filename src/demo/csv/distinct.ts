import { createHash } from "node:crypto";
import { detach } from "./text.ts";

/**
 * Longer values are stored as a digest, so that memory depends on their number and not on their
 * length.
 */
const MAX_STORED_LENGTH = 64;
/** Approximate memory of an entry of a Set, without its characters. */
const ENTRY_BYTES = 120;

/** The memory that all columns of one file may use to count different values. */
export class DistinctBudget {
  #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** Counts different values up to a limit, and releases its memory above it. */
export class DistinctCounter {
  readonly #seen = new Set<string>();
  readonly #limit: number;
  readonly #budget: DistinctBudget;
  #usedBytes = 0;
  #stoppedAt: number | null = null;

  constructor(limit: number, budget: DistinctBudget) {
    this.#limit = limit;
    this.#budget = budget;
  }

  add(text: string): void {
    if (this.#stoppedAt !== null) return;
    const key = text.length <= MAX_STORED_LENGTH ? text : createHash("sha256").update(text).digest("base64");
    if (this.#seen.has(key)) return;
    const bytes = ENTRY_BYTES + key.length;
    if (this.#seen.size >= this.#limit || !this.#budget.take(bytes)) return this.#stop();
    this.#usedBytes += bytes;
    this.#seen.add(detach(key));
  }

  /** The number of different values; a lower bound when the count is not exact. */
  get count(): number {
    return this.#stoppedAt ?? this.#seen.size;
  }

  get isExact(): boolean {
    return this.#stoppedAt === null;
  }

  #stop(): void {
    this.#stoppedAt = this.#seen.size;
    this.#seen.clear();
    this.#budget.release(this.#usedBytes);
  }
}
