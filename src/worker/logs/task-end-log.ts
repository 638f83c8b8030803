import { type Clock, SECOND, systemClock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { ClaimedTask } from "../../store/tasks/task-store.ts";
import { isFinal, type TaskState } from "../../task/records/state.ts";

/**
 * Tasks per second that get a line each. A person cannot read more, and writing 20,000 lines would
 * slow the worker.
 */
const LINES_A_SECOND = 100;

/**
 * Logs a line for each task that ends in this worker. Within a second with many, the rest get one
 * line with their counts by state.
 */
export class TaskEndLog {
  #windowEndsAt = -Infinity;
  #left = 0;
  readonly #counts = new Map<TaskState, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Pick<Logger, "info">,
    private readonly clock: Pick<Clock, "monotonic"> = systemClock,
  ) {}

  /**
   * Logs a task that reached a final state; ignores other states.
   *
   * @param finishedAt by the database's clock, as `startedAt` is; null where only this process's
   * clock is known
   */
  ended({ summary }: ClaimedTask, state: TaskState, finishedAt: Date | null): void {
    if (!isFinal(state)) return;
    const now = this.clock.monotonic();
    if (now >= this.#windowEndsAt) this.#openWindow(now);
    if (this.#left === 0) return this.#count(state, now);
    this.#left -= 1;
    const ms = Math.max(0, (finishedAt?.getTime() ?? Date.now()) - summary.startedAt.getTime());
    this.log.info("Task ended", {
      task: summary.name,
      taskId: summary.id,
      state,
      ms,
      attempt: summary.attempt,
    });
  }

  /** Logs the tasks that were only counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#counts.size === 0) return;
    this.log.info("More tasks ended in the same second", Object.fromEntries(this.#counts));
    this.#counts.clear();
  }

  #openWindow(now: number): void {
    this.flush();
    this.#windowEndsAt = now + SECOND;
    this.#left = LINES_A_SECOND;
  }

  #count(state: TaskState, now: number): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.flush(), this.#windowEndsAt - now).unref();
  }
}
