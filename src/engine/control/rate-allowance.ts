import type { Clock } from "../../lib/clock.ts";

/** So many events per second on average; what was not used within a second is saved for a burst. */
export class RateAllowance {
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Pick<Clock, "monotonic">,
  ) {
    if (!(perSecond > 0)) throw new RangeError(`maxRate must be greater than 0, got ${perSecond}.`);
    this.#burst = Math.max(1, perSecond);
    this.#left = this.#burst;
    this.#at = clock.monotonic();
  }

  /** How many may be sent now. */
  available(): number {
    const now = this.clock.monotonic();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.perSecond);
    this.#at = now;
    // A timer may fire a little early: what is all but there counts.
    return Math.floor(this.#left + 0.001);
  }

  /** Uses one up; false when there is none. */
  take(): boolean {
    if (this.available() < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Milliseconds until one may be sent. */
  waitMs(): number {
    return this.available() >= 1 ? 0 : Math.ceil(((1 - this.#left) / this.perSecond) * 1_000);
  }
}
