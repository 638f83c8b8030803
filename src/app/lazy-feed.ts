import { EventFeed } from "../engine/events/event-feed.ts";
import type { EventStream } from "../events/event-stream.ts";
import { systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";

/** The event feed of an app. It starts on first use: apps that only enqueue need none. */
export class LazyFeed {
  #feed: Promise<EventFeed> | null = null;

  constructor(
    private readonly stream: EventStream,
    private readonly log: Logger,
  ) {}

  get = (): Promise<EventFeed> => {
    this.#feed ??= this.#start().catch((error: unknown) => {
      this.#feed = null; // The next one who asks tries again.
      throw error;
    });
    return this.#feed;
  };

  async stop(): Promise<void> {
    const feed = await this.#feed?.catch(() => null);
    await feed?.stop();
  }

  async #start(): Promise<EventFeed> {
    const feed = new EventFeed({ stream: this.stream, clock: systemClock, log: this.log });
    try {
      await feed.start();
    } catch (error) {
      await feed.stop();
      throw error;
    }
    return feed;
  }
}
