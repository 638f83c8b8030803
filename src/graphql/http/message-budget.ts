/** A token bucket: `burst` at once, refilled at `perSecond`. */
export class MessageBudget {
  #left: number;
  #at: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.#left = burst;
    this.#at = monotonic();
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    const now = this.monotonic();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
