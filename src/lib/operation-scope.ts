import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Carries the signal of the operation under way to the statements that are made for it, through
 * every layer in between. The signal aborts when nobody waits for the operation any more: its
 * deadline passed, or its client went away.
 */
export class OperationScope {
  readonly #signals = new AsyncLocalStorage<AbortSignal>();

  /** Runs `work` as a part of the operation that `signal` belongs to. */
  run<Result>(signal: AbortSignal, work: () => Result): Result {
    return this.#signals.run(signal, work);
  }

  /**
   * Of the operation that the caller belongs to; null for work that belongs to none, such as that
   * of a loop.
   */
  get signal(): AbortSignal | null {
    return this.#signals.getStore() ?? null;
  }
}
