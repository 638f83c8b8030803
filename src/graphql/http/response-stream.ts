import type { ExecutionResult } from "graphql";

/**
 * The payloads of one subscription: each message of a source, executed. `return` ends its source at
 * once.
 */
export class ResponseStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  #ended = false;

  constructor(
    private readonly source: AsyncIterator<unknown>,
    private readonly execute: (message: unknown) => ExecutionResult | Promise<ExecutionResult>,
    /** Called once, when the subscription has ended. */
    private readonly onEnd: () => void,
  ) {}

  [Symbol.asyncIterator] = (): this => this;

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    try {
      const item = await this.source.next();
      if (!item.done && !this.#ended) return { done: false, value: await this.execute(item.value) };
    } catch (error) {
      await this.return();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#end();
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }
}
