/** Events for subscriptions under test: each subscriber gets what is emitted after it came. */
export class EventSource<Event> {
  readonly #subscribers = new Set<(event: Event) => void>();

  get subscribers(): number {
    return this.#subscribers.size;
  }

  emit(event: Event): void {
    for (const give of this.#subscribers) give(event);
  }

  subscribe(): AsyncIterableIterator<Event> {
    const events: Event[] = [];
    const waiting: ((result: IteratorResult<Event>) => void)[] = [];
    let done = false;
    const give = (event: Event): void => {
      const next = waiting.shift();
      if (next) next({ value: event, done: false });
      else events.push(event);
    };
    const end = async (): Promise<IteratorResult<Event>> => {
      done = true;
      this.#subscribers.delete(give);
      for (const next of waiting.splice(0)) next({ value: undefined, done: true });
      return { value: undefined, done: true };
    };
    this.#subscribers.add(give);
    return {
      next: () => {
        const event = events.shift();
        if (event !== undefined) return Promise.resolve({ value: event, done: false });
        if (done) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve) => waiting.push(resolve));
      },
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
