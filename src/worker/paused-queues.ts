import { Interval } from "../lib/interval.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { QueueStore } from "../store/queue-store.ts";

const EVERY_MS = 5_000;

/** Knows which queues are paused: by a look now and then, and at once when somebody says that something has changed. */
export class PausedQueues {
  readonly #watch: Interval;
  #paused: ReadonlySet<string> = new Set();

  constructor(
    private readonly store: Pick<QueueStore, "paused">,
    onError: (error: unknown) => void,
  ) {
    this.#watch = new Interval(() => this.#read(), { name: "pausedQueues", everyMs: EVERY_MS, onError });
  }

  get loop(): Loop {
    return this.#watch;
  }

  has(queue: string): boolean {
    return this.#paused.has(queue);
  }

  /** @throws when the database does not answer: nothing should be taken on without having asked once */
  async start(): Promise<void> {
    await this.#read();
    await this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Looks again, at once. */
  look(): void {
    this.#watch.wake();
  }

  async #read(): Promise<void> {
    this.#paused = new Set(await this.store.paused());
  }
}
