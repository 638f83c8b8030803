import { SECOND } from "../../../lib/clock.ts";

const FIRST_MS = 200;
const LONGEST_MS = 30 * SECOND;

/** How long to wait before the next child is started, when children die at their start: ever longer, and not all workers at once. */
export class StartBackoff {
  #failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Starts that failed since the last that went well. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait after one more failed start. */
  fail(): number {
    const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return delay / 2 + (this.random() * delay) / 2;
  }

  succeed(): void {
    this.#failures = 0;
  }
}
