const PERIOD_MS = 1_000;

/** So many per second, and a count of what was above: for what must not fill a log. */
export class Allowance {
  #until = 0;
  #left = 0;
  #refused = 0;

  constructor(private readonly perSecond: number) {}

  /** Whether one more, or so many, may pass. */
  take(count = 1): boolean {
    const now = performance.now();
    if (now >= this.#until) {
      this.#until = now + PERIOD_MS;
      this.#left = this.perSecond;
    }
    if (this.#left < count) {
      this.#refused += 1;
      return false;
    }
    this.#left -= count;
    return true;
  }

  /** Counts one that was refused for another reason. */
  refuse(): void {
    this.#refused += 1;
  }

  /** How many were refused since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
