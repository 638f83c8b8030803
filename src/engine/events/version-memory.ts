import type { LovageEvent } from "../../task/records/event.ts";

/**
 * Remembers the version of the tasks seen last, so that no task is seen going backwards: events of different processes may arrive
 * in another order than they happened. Equal versions pass: the progress of an attempt does not change the version.
 */
export class VersionMemory {
  readonly #versions = new Map<string, number>();

  /** @param size how many tasks are remembered; the one heard of longest ago is forgotten first */
  constructor(private readonly size: number) {}

  /** Whether an event tells something newer than, or as new as, what was seen of its task; then it counts as seen. */
  admit(event: LovageEvent): boolean {
    if (event.kind !== "task") return true;
    const { id, version } = event.task;
    const seen = this.#versions.get(id);
    if (seen !== undefined && seen > version) return false;
    if (seen !== undefined) this.#versions.delete(id);
    this.#versions.set(id, version);
    if (this.#versions.size > this.size) {
      const [oldest] = this.#versions.keys();
      this.#versions.delete(oldest!);
    }
    return true;
  }

  clear(): void {
    this.#versions.clear();
  }
}
