import type { GraphqlContext } from "../context.ts";
import { toGraphqlError } from "../errors.ts";

/** The messages that one item of a source becomes, and whether they are the last. */
export interface Step<Message> {
  readonly messages: readonly Message[];
  readonly end?: boolean;
}

/**
 * The messages of one subscription, translated from the items of a source. It is not an async
 * generator, because a generator that waits for its source cannot return early, and a client that
 * leaves must release the source at once.
 */
export class MessageStream<Item, Message> implements AsyncIterableIterator<Message> {
  #ready: Message[];
  #ended = false;

  constructor(
    private readonly source: AsyncIterator<Item>,
    private readonly translate: (item: Item) => Step<Message> | Promise<Step<Message>>,
    /** Messages to send before those of the source. */
    first: readonly Message[] = [],
  ) {
    this.#ready = [...first];
  }

  async next(): Promise<IteratorResult<Message, undefined>> {
    try {
      while (this.#ready.length === 0 && !this.#ended) await this.#pull();
    } catch (error) {
      await this.return();
      throw toGraphqlError(error);
    }
    const message = this.#ready.shift();
    return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#ready = [];
    this.#ended = true;
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<void> {
    const item = await this.source.next();
    const step = item.done ? { messages: [], end: true } : await this.translate(item.value);
    if (this.#ended) return; // The client left meanwhile.
    this.#ready = [...step.messages];
    if (!step.end) return;
    this.#ended = true;
    await this.source.return?.();
  }
}

/** Returns a source without items. */
export async function* noItems(): AsyncGenerator<never> {
  // Ends at once.
}

interface SubscribeData<Arguments> {
  readonly args: Arguments;
  readonly context: GraphqlContext;
}

/**
 * Returns a `subscribe` function whose refusals reach the client: type-graphql's middlewares run
 * for events only.
 */
export function opening<Arguments>(
  open: (
    args: Arguments,
    context: GraphqlContext,
  ) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>,
): (data: SubscribeData<Arguments>) => Promise<AsyncIterable<unknown>> {
  return async ({ args, context }) => {
    try {
      return await open(args, context);
    } catch (error) {
      throw toGraphqlError(error);
    }
  };
}
