/** A reader that only wants the newest value: one that was not fetched is replaced by the next. */
export class LatestValue<Value> implements AsyncIterableIterator<Value> {
  #value: { readonly value: Value } | null = null;
  #waiting: ((result: IteratorResult<Value, undefined>) => void) | null = null;
  #closed = false;

  /** `onClose` is called once, when the reader leaves. */
  constructor(private readonly onClose: () => void) {}

  offer(value: Value): void {
    if (this.#closed) return;
    if (!this.#waiting) {
      this.#value = { value };
      return;
    }
    this.#waiting({ done: false, value });
    this.#waiting = null;
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    const held = this.#value;
    this.#value = null;
    if (held) return Promise.resolve({ done: false, value: held.value });
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<IteratorResult<Value, undefined>> {
    if (!this.#closed) {
      this.#closed = true;
      this.#waiting?.({ done: true, value: undefined });
      this.onClose();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
