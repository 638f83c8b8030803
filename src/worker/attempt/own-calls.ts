/**
 * The calls of `ctx` that an attempt's code has not waited for. One that fails while nobody asks about it must neither end the process nor pass
 * for a success.
 */
export class OwnCalls {
  #failed: { readonly call: TrackedPromise<unknown>; readonly error: unknown }[] = [];

  /** The same promise for the code: whether it asks how the call went is noted. */
  track<Value>(call: Promise<Value>): Promise<Value> {
    const tracked = new TrackedPromise<Value>((resolve, reject) => void call.then(resolve, reject));
    tracked.settle((error) => {
      this.#failed = [...this.#failed.filter((one) => !one.call.asked), { call: tracked, error }];
    });
    return tracked;
  }

  /** @throws the first failure that the code has never asked about */
  check(): void {
    const lost = this.#failed.find(({ call }) => !call.asked);
    if (lost) throw lost.error;
  }
}

class TrackedPromise<Value> extends Promise<Value> {
  asked = false;

  /** What `then` makes of it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Also `await`, `catch` and `Promise.all` come here. */
  // oxlint-disable-next-line unicorn/no-thenable -- a promise has one anyway
  override then<Done = Value, Failed = never>(
    onDone?: ((value: Value) => Done | PromiseLike<Done>) | null,
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    this.asked = true;
    return super.then(onDone, onFailed);
  }

  /** As `catch`, without counting as a question. */
  settle(onFailed: (error: unknown) => void): void {
    void super.then(undefined, onFailed);
  }
}
