import { MAX_TIMEOUT_MS } from "../../lib/clock.ts";
import { addAbortListener } from "node:events";

import { priorityRank } from "../../task/definition/priority.ts";
import type { Consumer, Delivery } from "../broker.ts";
import type { MemoryQueue, WaitingHint } from "./queue.ts";
import { rotate, shareOut } from "../share-out.ts";

export interface MemoryConsumerOptions {
  readonly queue: (name: string) => MemoryQueue;
  readonly blockMs: number;
  readonly onClose: (consumer: Consumer) => void;
}

/** One reader of the queues of a MemoryBroker. */
export class MemoryConsumer implements Consumer {
  readonly #closed = new AbortController();
  readonly #unanswered = new Map<Delivery, WaitingHint>();
  /** Hints that wait for their retry. */
  readonly #retries = new Map<NodeJS.Timeout, () => void>();
  #fetches = 0;

  constructor(private readonly options: MemoryConsumerOptions) {}

  async fetch(queues: readonly string[], max: number, signal: AbortSignal): Promise<Delivery[]> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    if (stop.aborted || max < 1) return [];
    const named = queues.map((name) => this.options.queue(name));
    const until = performance.now() + this.options.blockMs;
    for (;;) {
      const taken = await this.#take(named, max);
      const left = until - performance.now();
      if (taken.length > 0 || left <= 0) return taken;
      await this.#wait(named, left, stop);
      if (stop.aborted) return [];
    }
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    for (const [timer, putBack] of this.#retries) {
      clearTimeout(timer);
      putBack();
    }
    this.#retries.clear();
    for (const waiting of this.#unanswered.values()) {
      const queue = this.options.queue(waiting.hint.queue);
      if (waiting.hint.partition === undefined) queue.putBack(waiting);
      else queue.partitions.rest(waiting.hint, 0);
    }
    this.#unanswered.clear();
    this.options.onClose(this);
  }

  async #take(queues: readonly MemoryQueue[], max: number): Promise<Delivery[]> {
    const taken: Delivery[] = [];
    await shareOut(rotate(queues, (this.#fetches += 1)), max, (queue, share) => {
      const hints = queue.take(share);
      taken.push(...hints.map((waiting) => this.#deliver(queue, waiting)));
      return { entries: hints.length, usable: hints.length };
    });
    return taken.sort((a, b) => priorityRank(b.priority) - priorityRank(a.priority));
  }

  #deliver(queue: MemoryQueue, waiting: WaitingHint): Delivery {
    const delivery: Delivery = {
      ...waiting.hint,
      bounces: waiting.bounces,
      ack: () => {
        if (!this.#unanswered.delete(delivery)) return;
        if (waiting.hint.partition === undefined) queue.settle();
        else queue.partitions.done(waiting.hint);
      },
      retry: (delayMs) => {
        if (!this.#unanswered.delete(delivery)) return;
        if (waiting.hint.partition === undefined) this.#retry(queue, waiting, delayMs);
        else queue.partitions.rest(waiting.hint, delayMs);
      },
    };
    this.#unanswered.set(delivery, waiting);
    return delivery;
  }

  #retry(queue: MemoryQueue, { hint, bounces }: WaitingHint, delayMs: number): void {
    const putBack = (): void => queue.putBack({ hint, bounces: bounces + 1 });
    if (!(delayMs > 0)) return putBack();
    const timer = setTimeout(
      () => {
        this.#retries.delete(timer);
        putBack();
      },
      Math.min(delayMs, MAX_TIMEOUT_MS),
    );
    this.#retries.set(timer, putBack);
  }

  async #wait(queues: readonly MemoryQueue[], ms: number, stop: AbortSignal): Promise<void> {
    // What came while the last look was on its way back wakes nobody.
    if (queues.some((queue) => queue.hasHints)) return;
    const woken = Promise.withResolvers<void>();
    for (const queue of queues) queue.onAdd(woken.resolve);
    const timer = setTimeout(woken.resolve, ms);
    using _listening = addAbortListener(stop, () => woken.resolve());
    await woken.promise;
    clearTimeout(timer);
    for (const queue of queues) queue.offAdd(woken.resolve);
  }
}
