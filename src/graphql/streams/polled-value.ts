import { Interval } from "../../lib/interval.ts";
import { LatestValue } from "./latest-value.ts";

/** Reads a value once per interval for all who listen at that interval, and only while someone does. */
export class PolledValue<Value> {
  readonly #polls = new Map<number, Poll<Value>>();

  constructor(
    /** What errors call it. */
    private readonly name: string,
    private readonly read: () => Promise<Value>,
  ) {}

  /** The value now and then every `intervalMs`; a slow reader gets the newest one. */
  watch(intervalMs: number): AsyncIterableIterator<Value> {
    const { name, read } = this;
    const poll =
      this.#polls.get(intervalMs) ?? new Poll(name, read, intervalMs, () => this.#polls.delete(intervalMs));
    this.#polls.set(intervalMs, poll);
    return poll.join();
  }
}

class Poll<Value> {
  readonly #readers = new Set<LatestValue<Value>>();
  readonly #interval: Interval;
  #last: { readonly value: Value } | null = null;

  constructor(
    name: string,
    private readonly read: () => Promise<Value>,
    everyMs: number,
    private readonly onIdle: () => void,
  ) {
    // A database that is away ends no subscription: readers see the next value when it is back.
    this.#interval = new Interval(() => this.poll(), {
      name,
      everyMs,
      maxBackoffMs: everyMs,
      onError: () => undefined,
    });
  }

  join(): LatestValue<Value> {
    const reader = new LatestValue<Value>(() => this.#leave(reader));
    this.#readers.add(reader);
    if (this.#last) reader.offer(this.#last.value);
    void this.#interval.start();
    return reader;
  }

  async poll(): Promise<void> {
    const value = await this.read();
    this.#last = { value };
    for (const reader of this.#readers) reader.offer(value);
  }

  #leave(reader: LatestValue<Value>): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.onIdle();
    void this.#interval.stop();
  }
}
