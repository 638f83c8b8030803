/** Work of this length delays nothing that anybody would notice. */
const SLICE_MS = 20;

/** Resolves in the next turn of the event loop, after the callbacks that wait for this one. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Cuts long work into time slices, between which the event loop runs everything else. Work that
 * shares a slice takes no more of each turn together: a crowd of subscribers that each go from item
 * to item without waiting would otherwise keep requests, heartbeats and sockets waiting until all
 * have read all.
 */
export class TimeSlice {
  #until: number;
  #next: Promise<void> | null = null;

  constructor(private readonly sliceMs = SLICE_MS) {
    this.#until = performance.now() + sliceMs;
  }

  /** Null while the slice lasts. Then a promise to await before the next step. */
  yield(): Promise<void> | null {
    if (this.#next === null && performance.now() < this.#until) return null;
    return (this.#next ??= this.#begin());
  }

  async #begin(): Promise<void> {
    await nextTurn();
    this.#until = performance.now() + this.sliceMs;
    this.#next = null;
  }
}

/**
 * Runs synchronous work that takes milliseconds: each piece in a separate turn of the event loop,
 * in order.
 */
export class TurnQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Result): Promise<Result> {
    const result = this.#last.then(nextTurn).then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
