export interface BatcherOptions<Item, Result> {
  /** Handles a batch in one go; returns one result per item, in the same order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Largest size of a batch. A larger item becomes a batch by itself. @default 1000 */
  readonly maxBatch?: number;
  /** Size of an item, an integer from 1. @default 1 for every item */
  readonly sizeOf?: (item: Item) => number;
  /** Batches under way at once. @default 1 */
  readonly concurrency?: number;
  /**
   * Receives what a listener throws; the other items of the batch are not affected.
   * @default throws it outside of the batch, as an uncaught exception of the process
   */
  readonly onListenerError?: (error: unknown) => void;
}

/** Receives the result or the error of each item, once. */
export interface ItemListener<Item, Result> {
  readonly onResult: (result: Result, item: Item) => void;
  readonly onError: (error: unknown, item: Item) => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly listener: ItemListener<Item, Result>;
}

/**
 * Group commit: items that arrive while a batch runs go into the next one. There are no timers: an
 * idle batcher starts at the end of the current turn of the event loop, so a single item does not
 * wait and a burst becomes one batch.
 */
export class Batcher<Item, Result> {
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  #scheduled = false;
  readonly #idle: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<Item, Result>) {}

  /** Items that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }
  #underWay = 0;

  add(item: Item): Promise<Result> {
    return new Promise((onResult, onError) => this.push(item, { onResult, onError }));
  }

  /** As `add`, for callers that do not wait: one listener may serve for all items. */
  push(item: Item, listener: ItemListener<Item, Result>): void {
    this.#waiting.push({ item, listener });
    this.#schedule();
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= (this.options.concurrency ?? 1)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#waiting.length === 0) return;
    const count = this.#countOfNext();
    const all = count === this.#waiting.length;
    const batch = all ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = all ? [] : this.#waiting.slice(count);
    this.#running += 1;
    this.#underWay += batch.length;
    void this.#runBatch(batch).finally(() => {
      this.#running -= 1;
      this.#underWay -= batch.length;
      if (this.#waiting.length > 0) this.#schedule();
      else if (this.size === 0) for (const wake of this.#idle.splice(0)) wake();
    });
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** How many of the waiting items make the next batch. */
  #countOfNext(): number {
    const { maxBatch = 1_000, sizeOf } = this.options;
    if (!sizeOf) return Math.min(this.#waiting.length, maxBatch);
    let size = 0;
    const end = this.#waiting.findIndex(({ item }, index) => (size += sizeOf(item)) > maxBatch && index > 0);
    return end === -1 ? this.#waiting.length : end;
  }

  async #runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await this.options.run(batch.map((waiting) => waiting.item));
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    // Outside of the `try`: the batch is done, and an error of a listener must not run it again.
    for (const [index, { item, listener }] of batch.entries()) {
      try {
        listener.onResult(results[index] as Result, item);
      } catch (error) {
        this.#listenerFailed(error);
      }
    }
  }

  #fail(batch: readonly Waiting<Item, Result>[], error: unknown): void {
    for (const { item, listener } of batch) {
      try {
        listener.onError(error, item);
      } catch (thrown) {
        this.#listenerFailed(thrown);
      }
    }
  }

  #listenerFailed(error: unknown): void {
    const { onListenerError } = this.options;
    if (onListenerError) onListenerError(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }
}
