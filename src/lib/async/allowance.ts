const PERIOD_MS = 1_000;

/**
 * Permits a number of uses in each second and counts those that it refused. Unlike a token bucket it
 * never permits more in one second, and a use may take several permits.
 */
export class Allowance {
  #until = 0;
  #left = 0;
  #refused = 0;

  constructor(private readonly perSecond: number) {}

  /** Takes one permit, or `count` of them. Returns false when too few are left in this second. */
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

  /** Counts a use that was refused for another reason. */
  refuse(): void {
    this.#refused += 1;
  }

  /** Returns how many uses were refused since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
