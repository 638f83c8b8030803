import { createHash } from "node:crypto";
import { detach } from "./text.ts";

/** Longer values are remembered by a digest, so that memory depends on their number and not on their length. */
const LONGEST_KEPT = 64;
/** What an entry of a Set costs beside its characters, about. */
const ENTRY_BYTES = 120;

/** Memory that the columns of one file may use together to tell their values apart. */
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

  requeue(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** Counts different values up to a limit, and gives its memory back when there are more. */
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
    const key = text.length <= LONGEST_KEPT ? text : createHash("sha256").update(text).digest("base64");
    if (this.#seen.has(key)) return;
    const bytes = ENTRY_BYTES + key.length;
    if (this.#seen.size >= this.#limit || !this.#budget.take(bytes)) return this.#stop();
    this.#usedBytes += bytes;
    this.#seen.add(detach(key));
  }

  /** How many different values there are, or at least are when the count is not exact. */
  get count(): number {
    return this.#stoppedAt ?? this.#seen.size;
  }

  get isExact(): boolean {
    return this.#stoppedAt === null;
  }

  #stop(): void {
    this.#stoppedAt = this.#seen.size;
    this.#seen.clear();
    this.#budget.requeue(this.#usedBytes);
  }
}
