import { MINUTE } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { Interval } from "../../lib/async/interval.ts";
import { badUserInput } from "../errors.ts";

const MIN_INTERVAL = 200;
const MAX_INTERVAL = MINUTE;
/** Intervals are rounded up to these steps, so that many subscribers share few reads. */
const STEP = 100;

/**
 * Returns the poll interval for a subscriber, in milliseconds.
 * @throws GraphQLError (BAD_USER_INPUT) outside of PT0.2S to PT1M
 */
export function pollInterval(interval: number): number {
  if (interval >= MIN_INTERVAL && interval <= MAX_INTERVAL) return Math.ceil(interval / STEP) * STEP;
  const [min, max, got] = [MIN_INTERVAL, MAX_INTERVAL, interval].map(formatDuration);
  throw badUserInput(`interval: expected ${min} to ${max}, got ${got}.`);
}

/**
 * Reads a value once per interval for all subscribers with that interval, and only while there are
 * any.
 */
export class PolledValue<Value> {
  readonly #polls = new Map<number, Poll<Value>>();

  constructor(
    /** The name in errors. */
    private readonly name: string,
    private readonly read: () => Promise<Value>,
  ) {}

  /**
   * Yields the value now, and again after every `intervalMs`. A slow reader receives the newest
   * value.
   */
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
    // An unavailable database does not end a subscription: the next value follows when it is back.
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

/** An iterator over the newest value. A value that was not read is replaced by the next. */
class LatestValue<Value> implements AsyncIterableIterator<Value> {
  #value: { readonly value: Value } | null = null;
  #waiting: ((result: IteratorResult<Value, undefined>) => void) | null = null;
  #closed = false;

  /** @param onClose called once, when the reader leaves */
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
