import type { Delivery } from "../../broker/broker.ts";

/** How long a hint comes again when what was to be done with it failed. */
const FAILED_RETRY_MS = 1_000;

/**
 * Hints of partitions whose moment is near: kept here until then, so that their tasks begin on time, however long a hint takes through a busy
 * broker. Should this process die, they are taken over as other hints are.
 */
export class PartitionHolds {
  readonly #held = new Map<Delivery, NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();
  #stopped = false;

  /** Answers the hint by `resume` after so many milliseconds. */
  hold(delivery: Delivery, ms: number, resume: () => Promise<void>): void {
    if (this.#stopped) return delivery.retry(ms);
    const timer = setTimeout(() => {
      this.#held.delete(delivery);
      // What went wrong will be met, and told, by the next look.
      const run = resume()
        .catch(() => delivery.retry(FAILED_RETRY_MS))
        .finally(() => this.#underWay.delete(run));
      this.#underWay.add(run);
    }, ms);
    this.#held.set(delivery, timer);
  }

  /** Hands back what is held; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [delivery, timer] of this.#held) {
      clearTimeout(timer);
      delivery.retry(0);
    }
    this.#held.clear();
    await Promise.all(this.#underWay);
  }
}
