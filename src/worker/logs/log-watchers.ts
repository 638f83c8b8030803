import { SECOND } from "../../lib/clock.ts";

/** Who watches says so every few seconds. */
const FORGET_AFTER_MS = 15 * SECOND;
const MAX_TASKS = 10_000;

/** Tasks whose logs somebody watches just now: only theirs are worth a word when lines were stored. */
export class LogWatchers {
  readonly #until = new Map<string, number>();

  /** Somebody watches these. */
  note(taskIds: readonly string[]): void {
    const now = performance.now();
    for (const id of taskIds) {
      this.#until.delete(id); // Oldest first.
      this.#until.set(id, now + FORGET_AFTER_MS);
    }
    for (const [id, until] of this.#until) {
      if (until > now && this.#until.size <= MAX_TASKS) break;
      this.#until.delete(id);
    }
  }

  has(taskId: string): boolean {
    if (this.#until.size === 0) return false;
    return (this.#until.get(taskId) ?? 0) > performance.now();
  }
}
