import type { LovageEvent } from "../../task/records/event.ts";
import { Lru } from "../../lib/lru.ts";

/**
 * Remembers the versions of recently seen tasks, so that subscribers never see a task go backwards:
 * events of different processes may arrive in another order than they happened.
 */
export class VersionMemory {
  readonly #versions: Lru<string, number>;

  /** @param size how many tasks are remembered */
  constructor(size: number) {
    this.#versions = new Lru({ max: size });
  }

  /**
   * Returns whether an event is as new as the last one of its task, or newer, and remembers it.
   * Equal versions pass: the progress of an attempt does not change the version.
   */
  admit(event: LovageEvent): boolean {
    if (event.kind !== "task") return true;
    const { id, version } = event.task;
    const seen = this.#versions.get(id);
    if (seen !== undefined && seen > version) return false;
    this.#versions.set(id, version);
    return true;
  }

  clear(): void {
    this.#versions.clear();
  }
}
