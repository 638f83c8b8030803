/** A queue that can fail on its own: on a cluster each may be served by another node. */
export interface TriedQueue {
  /** Whether it did what was asked of it last. */
  readonly healthy: boolean;
  /** How many milliseconds it is to be left alone after a failure. */
  readonly restMs: number;
  /** Something that was tried with it failed. */
  failed(): void;
}

/** Keeps queues that fail from holding up the others, for the time of one fetch. */
export class QueueTrials<Queue extends TriedQueue> {
  /** Those that answered, and may be waited at. */
  readonly #open = new Set<Queue>();
  readonly #tried = new Set<Queue>();
  #error: unknown = null;

  constructor(private readonly queues: readonly Queue[]) {}

  /** Why some of the queues are left out at present while others are not; null when none is. */
  get someFailure(): unknown {
    return this.#open.size > 0 && this.#open.size < this.queues.length ? this.#error : null;
  }

  /** Those to begin with: all that are well. When none is, all of them: who fetches backs off by itself. */
  first(): readonly Queue[] {
    const healthy = this.queues.filter((queue) => queue.healthy);
    return healthy.length > 0 ? healthy : this.queues;
  }

  /** Those that failed, and have rested. */
  due(): Queue[] {
    return this.queues.filter(
      (queue) => !this.#open.has(queue) && !this.#tried.has(queue) && queue.restMs === 0,
    );
  }

  /** Does something with one queue; when it fails the queue rests, and the result is `instead`. */
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

  /** Does something with each; those that did not fail are returned. */
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
   * Waits at all open queues until the first of them stops waiting, another one is due, or `leftMs` are over.
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
