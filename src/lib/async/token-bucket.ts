import { type Clock, systemClock } from "../clock.ts";

export interface TokenBucketOptions {
  /** Tokens added per second, above 0. */
  readonly perSecond: number;
  /** Tokens that the bucket holds at most, and at the start. @default perSecond, at least 1 */
  readonly burst?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

/** A rate limit in memory: each event takes one token; tokens come back at a steady rate. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Pick<Clock, "monotonic">;
  #tokens: number;
  #filledAt: number;

  constructor({ perSecond, burst = Math.max(1, perSecond), clock = systemClock }: TokenBucketOptions) {
    if (!(perSecond > 0)) throw new RangeError(`perSecond: expected a number above 0, got ${perSecond}.`);
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.monotonic();
  }

  /** Takes one token. Returns false if there is none. */
  take(): boolean {
    if (this.available() < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Returns the whole tokens that are there now. */
  available(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#perSecond);
    this.#filledAt = now;
    // A timer may fire a little early: a token that is nearly there counts.
    return Math.floor(this.#tokens + 0.001);
  }

  /** Returns the milliseconds until the next token; 0 if there is one. */
  waitMs(): number {
    if (this.available() >= 1) return 0;
    return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1_000);
  }
}
