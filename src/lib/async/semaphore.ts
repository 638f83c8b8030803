export interface SemaphoreOptions {
  /** Permits that may be held at once. */
  readonly permits: number;
  /** Permits of one key that may be held at once. @default all */
  readonly perKey?: number;
  /** Requests that may wait; more are refused at once. @default any number */
  readonly maxWaiting?: number;
  /**
   * While others wait, a released permit rests for as long as it was held, and no longer than this.
   * @default 0
   */
  readonly maxRestMs?: number;
  /** What a request fails with. */
  readonly errors: {
    /** Its signal was aborted before there was a permit. */
    readonly aborted: () => Error;
    /**
     * No permit came in time; 0 where there was no room to wait. @default none: it waits forever
     */
    readonly full?: (waitedMs: number) => Error;
  };
}

export interface AcquireRequest {
  /** Who asks: permits are shared fairly between keys. Null: a key that nobody else has. */
  readonly key: object | string | null;
  /** Its abort ends the wait. */
  readonly signal?: AbortSignal | null;
  /** Whether it goes before those that are not. @default false */
  readonly urgent?: boolean;
  /**
   * How long to wait, in milliseconds. While its key holds a permit, it waits on. @default Infinity
   */
  readonly waitMs?: number;
}

/** Releases a permit; a second call does nothing. */
export type Release = () => void;

type Key = object | string | symbol;

interface Waiter {
  readonly key: Key;
  readonly start: (release: Release) => void;
}

/**
 * Urgent permits in a row while another request waits: a stream of urgent ones lets one of the
 * others through now and then.
 */
const MAX_URGENT_IN_A_ROW = 4;

/**
 * A keyed, fair semaphore. A free permit goes to the key that holds the fewest; among equals the
 * keys take turns, and the requests of one key are served first come, first served. So a crowd of
 * requests of one key makes a single request of another wait for one of them, not for all.
 */
export class Semaphore {
  #held = 0;
  readonly #heldBy = new Map<Key, number>();
  readonly #urgent = new Ring();
  readonly #others = new Ring();
  #urgentInARow = 0;

  constructor(private readonly options: SemaphoreOptions) {}

  /**
   * Resolves when the caller holds a permit.
   *
   * @throws an error made by `errors`; there is then no permit to release
   */
  async acquire(request: AcquireRequest): Promise<Release> {
    const { permits, maxWaiting = Infinity, errors } = this.options;
    if (request.signal?.aborted) throw errors.aborted();
    const key = request.key ?? Symbol("request");
    if (this.#held < permits && this.#mayHold(key)) return this.#start(key, request.urgent ?? false);
    if (errors.full && this.#waiting >= maxWaiting) throw errors.full(0);
    return this.#wait(key, request);
  }

  #wait(key: Key, { signal, urgent = false, waitMs = Infinity }: AcquireRequest): Promise<Release> {
    const ring = urgent ? this.#urgent : this.#others;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        ring.delete(waiter);
      };
      const onAbort = (): void => {
        leave();
        reject(this.options.errors.aborted());
      };
      const waiter: Waiter = {
        key,
        start: (release) => {
          leave();
          resolve(release);
        },
      };
      const watch = (): void => {
        timer = setTimeout(() => {
          if (this.#countOf(key) > 0) return watch();
          leave();
          reject(this.options.errors.full!(waitMs));
        }, waitMs);
      };
      if (this.options.errors.full && waitMs !== Infinity) watch();
      signal?.addEventListener("abort", onAbort, { once: true });
      ring.add(waiter);
    });
  }

  #start(key: Key, urgent: boolean): Release {
    this.#held += 1;
    this.#urgentInARow = urgent ? this.#urgentInARow + 1 : 0;
    this.#heldBy.set(key, this.#countOf(key) + 1);
    const began = performance.now();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release(key, performance.now() - began);
    };
  }

  #release(key: Key, heldMs: number): void {
    const left = this.#countOf(key) - 1;
    if (left === 0) this.#heldBy.delete(key);
    else this.#heldBy.set(key, left);
    const restMs = this.#waiting > 0 ? Math.min(this.options.maxRestMs ?? 0, heldMs) : 0;
    if (restMs > 0) setTimeout(this.#pass, restMs);
    else this.#pass();
  }

  /** Hands a permit on, or takes it back. */
  #pass = (): void => {
    this.#held -= 1;
    const patient = this.#urgentInARow < MAX_URGENT_IN_A_ROW;
    const rings = patient ? [this.#urgent, this.#others] : [this.#others, this.#urgent];
    for (const ring of rings) {
      const next = ring.next((key) => (this.#mayHold(key) ? this.#countOf(key) : null));
      if (next) return next.start(this.#start(next.key, ring === this.#urgent));
    }
  };

  get #waiting(): number {
    return this.#urgent.size + this.#others.size;
  }

  #mayHold(key: Key): boolean {
    return this.#countOf(key) < (this.options.perKey ?? Infinity);
  }

  #countOf(key: Key): number {
    return this.#heldBy.get(key) ?? 0;
  }
}

/** Waiting requests by key. A key that was served goes to the end of the round. */
class Ring {
  readonly #byKey = new Map<Key, Set<Waiter>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter): void {
    const waiters = this.#byKey.get(waiter.key);
    if (waiters) waiters.add(waiter);
    else this.#byKey.set(waiter.key, new Set([waiter]));
    this.#size += 1;
  }

  delete(waiter: Waiter): void {
    const waiters = this.#byKey.get(waiter.key);
    if (!waiters?.delete(waiter)) return;
    this.#size -= 1;
    if (waiters.size === 0) this.#byKey.delete(waiter.key);
  }

  /** The next waiter of the key with the lowest load; null loads are passed over. */
  next(loadOf: (key: Key) => number | null): Waiter | null {
    let best: { readonly key: Key; readonly load: number } | null = null;
    for (const key of this.#byKey.keys()) {
      const load = loadOf(key);
      if (load !== null && (best === null || load < best.load)) best = { key, load };
      if (best?.load === 0) break;
    }
    if (!best) return null;
    const waiters = this.#byKey.get(best.key)!;
    this.#byKey.delete(best.key);
    this.#byKey.set(best.key, waiters);
    const [first] = waiters;
    return first!;
  }
}
