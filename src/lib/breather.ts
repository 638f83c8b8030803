/** A computation of this length delays nothing that anybody would notice. */
const STRETCH_MS = 20;

/** Cuts a long computation into short stretches, between which the other work of the process has its turn. */
export class Breather {
  #until = performance.now() + STRETCH_MS;

  /** To be awaited at every step, where it is not null: the stretch has lasted long enough. */
  pause(): Promise<void> | null {
    if (performance.now() < this.#until) return null;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#until = performance.now() + STRETCH_MS;
        resolve();
      }),
    );
  }
}
