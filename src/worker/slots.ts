/**
 * The worker's slots: each attempt has one from its claim until its outcome is handed over. When
 * the total shrinks below the number of taken slots, none is free until enough attempts have ended.
 */
export class Slots {
  #busy = 0;
  #total: number;
  #peak = 0;
  #waiting: (() => void)[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  get total(): number {
    return this.#total;
  }

  get busy(): number {
    return this.#busy;
  }

  get free(): number {
    return Math.max(0, this.#total - this.#busy);
  }

  resize(total: number): void {
    this.#total = total;
    this.wake();
  }

  take(): void {
    this.#busy += 1;
    if (this.#busy > this.#peak) this.#peak = this.#busy;
  }

  /** Returns the most slots that were taken at once since the last call. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = this.#busy;
    return peak;
  }

  release(): void {
    this.#busy -= 1;
    this.wake();
  }

  /** Makes everything that waits look again. */
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
