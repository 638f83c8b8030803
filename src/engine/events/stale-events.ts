import type { Cursor } from "../../events/event-stream.ts";
import { Lru } from "../../lib/lru.ts";

/**
 * Remembers the cursors of stale events: those that arrived after a newer event of their task. A
 * subscriber that resumes between the two receives only the stale one, and cannot detect that.
 */
export class StaleEvents {
  readonly #cursors: Lru<Cursor, true>;

  /** @param size how many are remembered; the oldest is forgotten first */
  constructor(size: number) {
    this.#cursors = new Lru({ max: size });
  }

  add(cursor: Cursor): void {
    this.#cursors.set(cursor, true);
  }

  has(cursor: Cursor): boolean {
    return this.#cursors.has(cursor);
  }
}
