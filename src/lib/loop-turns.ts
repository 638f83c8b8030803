import { setImmediate as nextTurn } from "node:timers/promises";

/** Runs pieces of work that take the thread for a while, each in a separate turn of the event loop, one after another. */
export class LoopTurns {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Result): Promise<Result> {
    const result = this.#last.then(() => nextTurn()).then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
