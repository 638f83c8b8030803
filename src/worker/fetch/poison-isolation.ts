import type { Delivery } from "../../broker/broker.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { InFlightTasks } from "./in-flight-tasks.ts";

/** How long a last chance waits for what runs to end. Below the time after which unanswered hints are taken over, by default 30 s. */
const LONGEST_WAIT_MS = 20_000;
/** How long nothing begins beside a last chance: most that kills a process does so soon. */
const ALONE_MS = 20_000;
/** Liveness is judged by the rounds of the fetcher: no pause is longer. */
const LONGEST_PAUSE_MS = 1_000;

/**
 * Keeps apart what may kill its process. When a process dies, everything that it ran is charged a crash, since nobody knows which task
 * did it; and what died together waits, and would run, together again. So that the innocent are not failed along with the guilty, a task
 * that one more crash would end, its *last chance*, begins when this process has nothing else, nothing begins beside it at first, and a
 * process has one at a time. Then whoever dies in a last chance was alone, or had proven for a while that it does not kill by itself.
 *
 * Why not sooner, with the first crash? All that a killed node ran has one crash, guilty or not: one at a time, 64 tasks of 10 minutes on
 * four workers would take five hours instead of half an hour. Two crashes are rare enough. Why not simply one at a time, without being
 * alone? A fresh killer beside it would fail it. Simulated, 4 workers with 8 slots, 2,000 tasks and 5 killers (20 in brackets): 9 (35)
 * innocents failed without any of this, 0.003 (1.3) with one last chance at a time, none with it alone. What stays possible: a task that
 * kills only after `ALONE_MS` may take one last chance with it.
 *
 * Both waits have a limit, so that a task which runs for hours, or waits for the very one that waits for it, holds nothing up; between two
 * last chances the free slots are filled with other tasks, so that many of them do not starve the rest.
 */
export class PoisonIsolation {
  /** Crashes from which on a task is kept apart. Where the first crash ends a task, none is. */
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

  /** Takes the hint of a last chance, to be run as soon as it may; false when another one waits or runs. */
  offer(delivery: Delivery): boolean {
    if (this.#waiting || this.#isRunning()) return false;
    this.#waiting = { delivery, since: this.clock.monotonic() };
    return true;
  }

  /** The hint that waited, once nothing else runs or has run for long. It is the caller's from now on. */
  takeDue(): Delivery | null {
    if (!this.#waiting) return null;
    if (this.inFlight.size > 0 && this.#since(this.#waiting) < LONGEST_WAIT_MS) return null;
    return this.letGo();
  }

  /** The task was claimed and begins now. */
  began(taskId: string): void {
    this.#running = { taskId, since: this.clock.monotonic() };
  }

  /** For how many milliseconds to come nothing else may begin; at most a second, then ask again. */
  get closedMs(): number {
    if (this.#waiting) return limited(LONGEST_WAIT_MS - this.#since(this.#waiting));
    return this.#isRunning() ? limited(ALONE_MS - this.#since(this.#running!)) : 0;
  }

  /** The hint that waits, unanswered; forgotten here. */
  letGo(): Delivery | null {
    const delivery = this.#waiting?.delivery ?? null;
    this.#waiting = null;
    return delivery;
  }

  #isRunning(): boolean {
    if (this.#running && !this.inFlight.has(this.#running.taskId)) this.#running = null;
    return this.#running !== null;
  }

  #since(begun: { readonly since: number }): number {
    return this.clock.monotonic() - begun.since;
  }
}

function limited(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}
