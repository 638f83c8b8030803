/** A queue that can fail alone: on a cluster each may be served by another node. */
export interface TriedQueue {
  /** Whether its last operation succeeded. */
  readonly healthy: boolean;
  /** How many milliseconds it still rests after a failure. */
  readonly restMs: number;
  /** An operation on it failed. */
  failed(): void;
}

/** Keeps queues that fail from delaying the others, during one fetch. */
export class QueueTrials<Queue extends TriedQueue> {
  /** Queues that answered. A fetch may wait at them. */
  readonly #open = new Set<Queue>();
  readonly #tried = new Set<Queue>();
  #error: unknown = null;

  constructor(private readonly queues: readonly Queue[]) {}

  /** Returns why some of the queues are left out while others are not; null when none is. */
  get someFailure(): unknown {
    return this.#open.size > 0 && this.#open.size < this.queues.length ? this.#error : null;
  }

  /**
   * Returns the healthy queues. Returns all when none is healthy: the caller of fetch backs off.
   */
  first(): readonly Queue[] {
    const healthy = this.queues.filter((queue) => queue.healthy);
    return healthy.length > 0 ? healthy : this.queues;
  }

  /** Returns the queues that failed and have rested. */
  due(): Queue[] {
    return this.queues.filter(
      (queue) => !this.#open.has(queue) && !this.#tried.has(queue) && queue.restMs === 0,
    );
  }

  /** Runs an operation on one queue. When it fails the queue rests, and the result is `instead`. */
  async one<Result>(queue: Queue, work: () => Promise<Result>, instead: Result): Promise<Result> {
    this.#tried.add(queue);
    try {
      const result = await work();
      this.#open.add(queue);
      return result;
    } catch (error) {
      this.#error = error;
      this.#open.delete(queue);
      queue.failed();
      return instead;
    } finally {
      this.#tried.delete(queue);
    }
  }

  /** Runs an operation on each queue, and returns the queues where it succeeded. */
  async each(queues: readonly Queue[], work: (queue: Queue) => Promise<void>): Promise<Queue[]> {
    const worked = await Promise.all(
      queues.map((queue) => this.one(queue, () => work(queue).then(() => true), false)),
    );
    return queues.filter((_, index) => worked[index]);
  }

  /** @throws the last failure, when no queue is open */
  mustWork(): void {
    if (this.#open.size === 0 && this.queues.length > 0) throw this.#error;
  }

  /**
   * Waits at all open queues until the first wait ends, another queue is due, or `leftMs` have
   * passed.
   *
   * @throws the last failure, when no queue is open
   */
  async race(wait: (queue: Queue) => Promise<void>, leftMs: number): Promise<void> {
    this.mustWork();
    const waits = [...this.#open].map((queue) => this.one(queue, () => wait(queue), undefined));
    const resting = this.queues.filter((queue) => !this.#open.has(queue) && !this.#tried.has(queue));
    if (resting.length === 0 && waits.length > 0) return Promise.race(waits);
    const rested = Promise.withResolvers<void>();
    const timer = setTimeout(rested.resolve, Math.min(leftMs, ...resting.map(({ restMs }) => restMs)));
    await Promise.race([...waits, rested.promise]);
    clearTimeout(timer.unref());
  }
}
