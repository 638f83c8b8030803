import { type Clock, SECOND, systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { ClaimedTask } from "../store/tasks/task-store.ts";
import { isFinal, type TaskState } from "../task/records/state.ts";

/** Ends of one second that get a line each. A person cannot read more, and a worker that ends 20,000 has better things to do. */
const LINES_A_SECOND = 100;

/** Logs a line for each task that ends here; in a second with many ends the rest as one line with their number by state. */
export class TaskEndLog {
  #windowEndsAt = -Infinity;
  #left = 0;
  readonly #others = new Map<TaskState, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Pick<Logger, "info">,
    private readonly clock: Pick<Clock, "monotonic"> = systemClock,
  ) {}

  /**
   * Takes what a task became, by its recorded state.
   *
   * @param finishedAt by the database's clock, as `startedAt` is; null where only that of this process is known
   */
  ended({ summary }: ClaimedTask, state: TaskState, finishedAt: Date | null): void {
    if (!isFinal(state)) return;
    const now = this.clock.monotonic();
    if (now >= this.#windowEndsAt) this.#openWindow(now);
    if (this.#left === 0) return this.#count(state, now);
    this.#left -= 1;
    const ms = Math.max(0, (finishedAt?.getTime() ?? Date.now()) - summary.startedAt.getTime());
    this.log.info("Task ended", {
      ...{ task: summary.name, taskId: summary.id },
      ...{ state, ms, attempt: summary.attempt },
    });
  }

  /** Writes what was only counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#others.size === 0) return;
    this.log.info("More tasks ended in the same second", Object.fromEntries(this.#others));
    this.#others.clear();
  }

  #openWindow(now: number): void {
    this.flush();
    this.#windowEndsAt = now + SECOND;
    this.#left = LINES_A_SECOND;
  }

  #count(state: TaskState, now: number): void {
    this.#others.set(state, (this.#others.get(state) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.flush(), this.#windowEndsAt - now).unref();
  }
}
