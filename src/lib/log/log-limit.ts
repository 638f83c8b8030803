import { systemClock, type Clock } from "../clock.ts";

/**
 * Lets one record per period into the log and counts the rest: for what an outage repeats a
 * thousand times.
 */
export class LogLimit {
  #openAt = -Infinity;
  #heldBack = 0;

  constructor(
    private readonly everyMs: number,
    private readonly clock: Pick<Clock, "monotonic"> = systemClock,
  ) {}

  /** Calls `write` with how many records were held back before this one, or holds this one back. */
  pass(write: (heldBack: number) => void): void {
    const now = this.clock.monotonic();
    if (now < this.#openAt) {
      this.#heldBack += 1;
      return;
    }
    const heldBack = this.#heldBack;
    this.#heldBack = 0;
    this.#openAt = now + this.everyMs;
    write(heldBack);
  }
}
