/** Counts how many tasks may still begin. */
export class Slots {
  #busy = 0;
  #waiting: (() => void)[] = [];

  constructor(readonly total: number) {}

  get busy(): number {
    return this.#busy;
  }

  get free(): number {
    return this.total - this.#busy;
  }

  take(): void {
    this.#busy += 1;
  }

  release(): void {
    this.#busy -= 1;
    this.wake();
  }

  /** Lets everyone who waits look again. */
  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves at the next release or wake, or at once when a slot is free. */
  whenFree(): Promise<void> {
    if (this.free > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when no slot is taken. */
  async whenIdle(): Promise<void> {
    while (this.#busy > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
