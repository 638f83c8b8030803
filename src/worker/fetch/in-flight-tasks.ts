import type { ClaimedTask, StartedTask } from "../../store/tasks/task-store.ts";

/**
 * Tasks that this process has claimed and whose outcome is not recorded yet. The heartbeat compares
 * them with the STARTED rows. A row of this worker that is not among them was claimed by a
 * statement whose reply was lost: nothing runs it, and nothing rescues it from a worker that is
 * alive.
 */
export class InFlightTasks {
  /**
   * Versions of the claims, by task id. A rescued task may come again while its earlier attempt
   * still ends.
   */
  readonly #versions = new Map<string, number>();
  /** Rows that were not in flight at the last comparison, as `id version`. */
  #suspects: ReadonlySet<string> = new Set();
  #removal: PromiseWithResolvers<void> | null = null;

  /** How many tasks would be rescued if this process died now. */
  get size(): number {
    return this.#versions.size;
  }

  has(taskId: string): boolean {
    return this.#versions.has(taskId);
  }

  add({ summary: { id, version } }: Pick<ClaimedTask, "summary">): void {
    this.#versions.set(id, version);
  }

  remove({ summary: { id, version } }: Pick<ClaimedTask, "summary">): void {
    if (this.#versions.get(id) === version) this.#versions.delete(id);
    this.#removal?.resolve();
    this.#removal = null;
  }

  /** Resolves when the next task is removed. */
  get removal(): Promise<void> {
    return (this.#removal ??= Promise.withResolvers<void>()).promise;
  }

  /**
   * Returns the rows that are not in flight now, nor were at the previous comparison. At the first
   * comparison the reply of their claim may still be on its way.
   */
  findForgotten(started: readonly StartedTask[]): StartedTask[] {
    const unknown = started.filter(({ summary: { id, version } }) => this.#versions.get(id) !== version);
    const forgotten = unknown.filter((task) => this.#suspects.has(keyOf(task)));
    this.#suspects = new Set(unknown.map(keyOf));
    return forgotten;
  }
}

function keyOf({ summary: { id, version } }: StartedTask): string {
  return `${id} ${version}`;
}
