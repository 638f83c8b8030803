import type { Cursor } from "../../events/event-stream.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import type { TaskSummary } from "../../task/records/task.ts";
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

/** Whether a task is newer than the known one; also if none is known. */
export function isNewer(task: TaskSummary, known: TaskSummary | null): boolean {
  if (known === null || task.version > known.version) return true;
  // Progress does not change the version.
  return task.version === known.version && progressTime(task) > progressTime(known);
}

function progressTime({ progress }: TaskSummary): number {
  return progress?.updatedAt.getTime() ?? 0;
}
