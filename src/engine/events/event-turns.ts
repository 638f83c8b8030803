import type { Clock } from "../../lib/clock.ts";

/** So long may subscribers be served without a look at anything else. */
const TURN_MS = 10;

/**
 * Shares the event loop between the subscribers of a process and all the rest that it does. A subscriber with much to read goes from one
 * item to the next without ever waiting, as long as its socket takes them; a crowd of them would keep the process from everything else
 * (requests, heartbeats, other sockets) until all have read all.
 */
export class EventTurns {
  #begunAt = 0;
  #next: Promise<void> | null = null;

  constructor(private readonly clock: Pick<Clock, "monotonic">) {}

  /** To be asked before each item. Null: go on. A promise: this turn was long enough; go on when it resolves, in the next one. */
  wait(): Promise<void> | null {
    const now = this.clock.monotonic();
    if (this.#next) return now - this.#begunAt < TURN_MS ? null : this.#next;
    this.#begunAt = now;
    this.#next = new Promise((resolve) =>
      setImmediate(() => {
        this.#next = null;
        resolve();
      }),
    );
    return null;
  }
}
