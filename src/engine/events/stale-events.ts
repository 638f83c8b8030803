import type { Cursor } from "../../events/event-stream.ts";

/**
 * Remembers which events came after something newer of their task, by their cursors. Who resumes between the two gets only the older one,
 * and could not know that it is no news.
 */
export class StaleEvents {
  readonly #cursors = new Set<Cursor>();

  /** @param size how many are remembered; the oldest is forgotten first */
  constructor(private readonly size: number) {}

  add(cursor: Cursor): void {
    this.#cursors.add(cursor);
    if (this.#cursors.size <= this.size) return;
    const [oldest] = this.#cursors;
    this.#cursors.delete(oldest!);
  }

  has(cursor: Cursor): boolean {
    return this.#cursors.has(cursor);
  }
}
