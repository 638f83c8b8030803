import type { ClaimedTask, Outcome, StartedTask } from "../../store/tasks/task-store.ts";

/**
 * The tasks that this process knows to be its own, from their claim until their outcome is recorded: what its rows are compared with. A row
 * that is ours but that we do not know was claimed by a statement whose answer was lost: nobody runs it, and nobody takes it from a worker
 * that lives.
 */
export class InFlightTasks {
  /** Versions of the claims, by task. A task that was lost may come again while its earlier attempt still ends. */
  readonly #versions = new Map<string, number>();
  /** Unknown at the last comparison, as `id version`. */
  #suspects: ReadonlySet<string> = new Set();
  #removal: PromiseWithResolvers<void> | null = null;

  /** How many tasks would be taken back if this process died now. */
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

  /** Resolves when one more is recorded. */
  get removal(): Promise<void> {
    return (this.#removal ??= Promise.withResolvers<void>()).promise;
  }

  /** Those unknown now and at the comparison before: at the first sight of a row the answer to its claim may still be on its way. */
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

export function requeueOf({ summary: { id, workerId, version } }: ClaimedTask, keepMs: number): Outcome {
  return { kind: "givenBack", taskId: id, workerId, version, progress: null, keepMs };
}

/** What is known of a task whose claim was never answered. */
export function forgottenTask(summary: ClaimedTask["summary"]): ClaimedTask {
  return { summary, input: null, timeLimitMs: null, options: null, idempotencyKey: null, schedule: null };
}
