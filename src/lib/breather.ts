/** A computation of this length delays nothing that anybody would notice. */
const STRETCH_MS = 20;

/** Cuts a long computation into short stretches, between which the other work of the process has its turn. */
export class Breather {
  #until: number;

  constructor(private readonly stretchMs = STRETCH_MS) {
    this.#until = performance.now() + stretchMs;
  }

  /** To be awaited at every step, where it is not null: the stretch has lasted long enough. */
  pause(): Promise<void> | null {
    if (performance.now() < this.#until) return null;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#until = performance.now() + this.stretchMs;
        resolve();
      }),
    );
  }
}
