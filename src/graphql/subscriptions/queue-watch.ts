import { Interval } from "../../lib/interval.ts";
import type { QueueRecord } from "../../store/queue-store.ts";
import { LatestValue } from "./latest-value.ts";

type Queues = readonly QueueRecord[];

/** Reads the queues once per interval for all who listen at that interval, and only while someone does. */
export class QueueWatch {
  readonly #polls = new Map<number, Poll>();

  constructor(private readonly read: () => Promise<Queues>) {}

  /** The queues now and then every `intervalMs`; a slow reader gets the newest list. */
  watch(intervalMs: number): AsyncIterableIterator<Queues> {
    const poll =
      this.#polls.get(intervalMs) ?? new Poll(this.read, intervalMs, () => this.#polls.delete(intervalMs));
    this.#polls.set(intervalMs, poll);
    return poll.join();
  }
}

class Poll {
  readonly #readers = new Set<LatestValue<Queues>>();
  readonly #interval: Interval;
  #last: Queues | null = null;

  constructor(
    private readonly read: () => Promise<Queues>,
    everyMs: number,
    private readonly onIdle: () => void,
  ) {
    // A database that is away ends no subscription: readers see the next list when it is back.
    this.#interval = new Interval(() => this.poll(), {
      name: "queueWatch",
      everyMs,
      maxBackoffMs: everyMs,
      onError: () => undefined,
    });
  }

  join(): LatestValue<Queues> {
    const reader = new LatestValue<Queues>(() => this.#leave(reader));
    this.#readers.add(reader);
    if (this.#last) reader.offer(this.#last);
    void this.#interval.start();
    return reader;
  }

  async poll(): Promise<void> {
    const queues = await this.read();
    this.#last = queues;
    for (const reader of this.#readers) reader.offer(queues);
  }

  #leave(reader: LatestValue<Queues>): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.onIdle();
    void this.#interval.stop();
  }
}
