import type { Delivery } from "../../broker/broker.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { InFlightTasks } from "./in-flight-tasks.ts";

/**
 * How long an isolated task waits for running tasks to end. Shorter than the time after which idle
 * hints are claimed, by default 30 s.
 */
const LONGEST_WAIT_MS = 20_000;
/**
 * How long no task starts beside an isolated one: most tasks that kill their process do so soon.
 */
const ALONE_MS = 20_000;
/** Liveness is judged by the rounds of the fetcher: no pause is longer. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * Isolates tasks that may kill their process.
 *
 * When a process dies, all its tasks are charged a crash, since nobody knows which of them did it;
 * and tasks that died together wait, and would run, together again. So that innocent tasks are not
 * failed with the guilty one, a task that one more crash would end runs *in isolation*: it starts
 * when this process has no other task, no task starts beside it at first, and a process has one
 * such task at a time. A process that dies then was killed by the isolated task, or by one that had
 * proven for a while that it does not kill by itself.
 *
 * Why not sooner, after the first crash? All tasks of a killed node have one crash, guilty or not.
 * One at a time, 64 tasks of 10 minutes on four workers would take five hours instead of half an
 * hour. Two crashes are rare enough.
 *
 * Why not one such task at a time, without being alone? A fresh killer beside it would fail it.
 * Simulated with 4 workers of 8 slots, 2,000 tasks and 5 killers (20 in brackets): 9 (35) innocent
 * tasks failed without any of this, 0.003 (1.3) with one such task at a time, none with isolation.
 * One case remains: a task that kills only after `ALONE_MS` may fail one isolated task with it.
 *
 * Both waits are limited. So a task that runs for hours, or waits for the very task that waits for
 * it, blocks nothing. Between two isolated tasks the free slots are filled with other tasks, so
 * that many isolated tasks do not starve the rest.
 */
export class PoisonIsolation {
  /** Tasks with this many crashes are isolated. No task is where the first crash ends a task. */
  readonly from: number;
  #waiting: { readonly delivery: Delivery; readonly since: number } | null = null;
  #running: { readonly taskId: string; readonly since: number } | null = null;

  constructor(
    private readonly inFlight: Pick<InFlightTasks, "size" | "has">,
    maxCrashes: number,
    private readonly clock: Pick<Clock, "monotonic"> = systemClock,
  ) {
    this.from = Math.max(1, maxCrashes - 1);
  }

  /**
   * Takes over the hint of a task to isolate. Returns false when another such task waits or runs.
   */
  offer(delivery: Delivery): boolean {
    if (this.#waiting || this.#isRunning()) return false;
    this.#waiting = { delivery, since: this.clock.monotonic() };
    return true;
  }

  /**
   * Returns the waiting hint once no other task runs, or the wait was long enough. The caller must
   * answer it.
   */
  takeDue(): Delivery | null {
    if (!this.#waiting) return null;
    if (this.inFlight.size > 0 && this.#since(this.#waiting) < LONGEST_WAIT_MS) return null;
    return this.takeWaiting();
  }

  /** Returns the waiting hint, which the caller must answer; null when none waits. */
  takeWaiting(): Delivery | null {
    const delivery = this.#waiting?.delivery ?? null;
    this.#waiting = null;
    return delivery;
  }

  /** The isolated task was claimed and starts now. */
  started(taskId: string): void {
    this.#running = { taskId, since: this.clock.monotonic() };
  }

  /** For how many milliseconds no other task may start. At most a second: ask again then. */
  get closedMs(): number {
    if (this.#waiting) return limited(LONGEST_WAIT_MS - this.#since(this.#waiting));
    return this.#isRunning() ? limited(ALONE_MS - this.#since(this.#running!)) : 0;
  }

  #isRunning(): boolean {
    if (this.#running && !this.inFlight.has(this.#running.taskId)) this.#running = null;
    return this.#running !== null;
  }

  #since({ since }: { readonly since: number }): number {
    return this.clock.monotonic() - since;
  }
}

function limited(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}
