import type { Delivery } from "../../broker/broker.ts";
import type { Partition } from "../../store/partitions/partition-store.ts";

/** How long a hint rests when its look failed. */
const FAILED_RETRY_MS = 1_000;
/**
 * Pause per key after a look without result, in milliseconds: such looks take a small part of a
 * worker's time.
 */
const PAUSE_PER_KEY_MS = 0.5;
const FEW_KEYS = 20;

/**
 * Hints of partitions that may continue very soon. They wait in this process, so that their tasks
 * start on time, however long a hint takes through a busy broker. If this process dies, another
 * consumer claims them as idle hints.
 */
export class PartitionTimers {
  readonly #timers = new Map<Delivery, NodeJS.Timeout>();
  readonly #looking = new Set<Promise<void>>();
  #stopped = false;

  /** Calls `look` after a time. It answers the hint. */
  add(delivery: Delivery, ms: number, look: () => Promise<void>): void {
    if (this.#stopped) return delivery.retry(ms);
    const timer = setTimeout(() => {
      this.#timers.delete(delivery);
      // The next look meets the same error, and reports it.
      const looking = look()
        .catch(() => delivery.retry(FAILED_RETRY_MS))
        .finally(() => this.#looking.delete(looking));
      this.#looking.add(looking);
    }, ms);
    this.#timers.set(delivery, timer);
  }

  /** Returns the waiting hints to the broker; resolves when the current looks have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [delivery, timer] of this.#timers) {
      clearTimeout(timer);
      delivery.retry(0);
    }
    this.#timers.clear();
    await Promise.all(this.#looking);
  }
}

/**
 * Spaces out looks without result. A look at a partition with thousands of keys takes a while, and
 * each new task of such a partition causes one.
 */
export class VainLooks {
  /** When the next look is due, by queue and partition. */
  readonly #until = new Map<string, number>();

  waitMs({ queue, partition }: Partition): number {
    return (this.#until.get(`${queue} ${partition}`) ?? 0) - performance.now();
  }

  /** Records a look at some keys, none of which had a task that may start. */
  note({ queue, partition }: Partition, keys: number): void {
    if (keys <= FEW_KEYS) this.#until.delete(`${queue} ${partition}`);
    else this.#until.set(`${queue} ${partition}`, performance.now() + keys * PAUSE_PER_KEY_MS);
  }
}
