import { OperationEndedError, PoolFullError } from "./connection-errors.ts";

export interface TurnLimits {
  /** Turns at once. */
  readonly max: number;
  /** Turns of one operation at once. */
  readonly share: number;
  /** Requests that may wait; more are refused at once. */
  readonly maxWaiting: number;
}

export interface TurnRequest {
  /** Of the operation that asks; null where it is none. Its abort ends the wait. */
  readonly signal: AbortSignal | null;
  /** Whether it goes before those that are not. */
  readonly urgent: boolean;
  /** How long to wait for a turn, in milliseconds; Infinity is allowed. An operation that gets on, be it slowly, waits on. */
  readonly waitMs: number;
}

interface Waiting extends TurnRequest {
  readonly start: () => void;
}

/** Urgent turns in a row while another request waits: even a stream of urgent ones lets one of the others through now and then. */
const MAX_URGENT_IN_A_ROW = 4;

/**
 * Who may use one of a few connections. A free one goes to the operation that has the fewest, first come, first served among equals: so one
 * operation with a hundred statements does not make another wait for all of them.
 */
export class Turns {
  #running = 0;
  readonly #runningOf = new Map<AbortSignal, number>();
  readonly #waiting = new Set<Waiting>();
  #urgentInARow = 0;

  constructor(
    private readonly limits: TurnLimits,
    /** What the connections are for, in messages: "for reads". */
    private readonly purpose: string,
  ) {}

  /**
   * Resolves when it is the caller's turn, which `release` ends.
   *
   * @throws PoolFullError, OperationEndedError: there is no turn to release
   */
  take(request: TurnRequest): Promise<void> | undefined {
    if (request.signal?.aborted) throw new OperationEndedError();
    if (this.#running < this.limits.max && this.#mayStart(request)) return this.#start(request);
    if (this.#waiting.size >= this.limits.maxWaiting) throw this.#full(0);
    return this.#wait(request);
  }

  release({ signal }: Pick<TurnRequest, "signal">): void {
    this.#running -= 1;
    if (signal) {
      const left = this.#countOf(signal) - 1;
      if (left === 0) this.#runningOf.delete(signal);
      else this.#runningOf.set(signal, left);
    }
    const next = this.#next();
    if (!next) return;
    this.#start(next);
    next.start();
  }

  #wait(request: TurnRequest): Promise<void> {
    const { signal, waitMs } = request;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiting.delete(waiting);
      };
      const onAbort = (): void => {
        leave();
        reject(new OperationEndedError());
      };
      const waiting: Waiting = {
        ...request,
        start: () => {
          leave();
          resolve();
        },
      };
      const watch = (): void => {
        timer = setTimeout(() => {
          if (this.#countOf(signal) > 0) return watch();
          leave();
          reject(this.#full(waitMs));
        }, waitMs);
      };
      if (waitMs !== Infinity) watch();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(waiting);
    });
  }

  #mayStart({ signal }: TurnRequest): boolean {
    return this.#countOf(signal) < this.limits.share;
  }

  #start({ signal, urgent }: TurnRequest): undefined {
    this.#running += 1;
    this.#urgentInARow = urgent ? this.#urgentInARow + 1 : 0;
    if (signal) this.#runningOf.set(signal, this.#countOf(signal) + 1);
  }

  #next(): Waiting | null {
    const patient = this.#urgentInARow < MAX_URGENT_IN_A_ROW;
    let best: Waiting | null = null;
    for (const waiting of this.#waiting) {
      if (!this.#mayStart(waiting)) continue;
      if (best === null || this.#goesBefore(waiting, best, patient)) best = waiting;
    }
    return best;
  }

  #goesBefore(one: Waiting, other: Waiting, patient: boolean): boolean {
    if (one.urgent !== other.urgent) return one.urgent === patient;
    return this.#countOf(one.signal) < this.#countOf(other.signal);
  }

  #countOf(signal: AbortSignal | null): number {
    return signal === null ? 0 : (this.#runningOf.get(signal) ?? 0);
  }

  #full(waitedMs: number): PoolFullError {
    return new PoolFullError(this.limits.max, this.purpose, waitedMs);
  }
}
