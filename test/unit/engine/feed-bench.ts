import { afterEach, beforeEach } from "vitest";
import {
  EventFeed,
  type EventFeedOptions,
  type FeedItem,
  type SubscribeOptions,
} from "../../../src/engine/events/event-feed.ts";
import { MemoryEventStream } from "../../../src/events/memory/event-stream.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { taskEvent } from "../../support/some-events.ts";

export const all = (): boolean => true;

/** A feed over a stream in memory, and its subscribers, all of which end with the test. */
export class FeedBench {
  stream = new MemoryEventStream();
  feed!: EventFeed;
  readonly #iterators: AsyncIterator<FeedItem, undefined>[] = [];

  /** Takes the place of the feed that runs. */
  async start(options: Partial<EventFeedOptions>): Promise<void> {
    await this.feed?.stop();
    const started = new EventFeed({
      stream: this.stream,
      clock: systemClock,
      log: silentLogger,
      ...options,
    });
    await started.start();
    this.feed = started;
  }

  subscribe(options: Partial<SubscribeOptions> = {}): AsyncIterableIterator<FeedItem, undefined> {
    const iterator = this.feed.subscribe({ accept: all, ...options });
    this.#iterators.push(iterator);
    return iterator;
  }

  /** A live subscriber that has just read all. */
  async live(options: Partial<SubscribeOptions> = {}): Promise<AsyncIterableIterator<FeedItem, undefined>> {
    const iterator = this.subscribe(options);
    const mark = taskEvent({ version: -1 });
    const first = iterator.next();
    await new Promise(setImmediate); // Until it has found that there is nothing to replay.
    await this.stream.append([mark]);
    await first;
    return iterator;
  }

  async begin(): Promise<void> {
    this.stream = new MemoryEventStream();
    await this.start({});
  }

  async end(): Promise<void> {
    for (const iterator of this.#iterators.splice(0)) await iterator.return?.();
    await this.feed.stop();
  }
}

/** A bench for the tests of a file, new for each of them. */
export function feedBench(): FeedBench {
  const bench = new FeedBench();
  beforeEach(() => bench.begin());
  afterEach(() => bench.end());
  return bench;
}
