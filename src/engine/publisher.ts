import type { EventStream } from "../events/event-stream.ts";
import type { Logger } from "../lib/log.ts";
import { OutageLog } from "../lib/outage-log.ts";
import type { LovageEvent } from "../task/event.ts";

/** Events that wait for a broker which does not answer; more are dropped, since subscribers can read the state again. */
const MAX_WAITING = 20_000;
const BATCH = 500;

/** Tells subscribers what happened, after its commit. Never in the way: an event that cannot be told is dropped and counted. */
export class Publisher {
  readonly #outage: OutageLog;
  #waiting: LovageEvent[] = [];
  #sending: Promise<void> | null = null;
  /** Events that no subscriber heard of. */
  dropped = 0;

  constructor(
    private readonly stream: Pick<EventStream, "append">,
    log: Logger,
  ) {
    this.#outage = new OutageLog(log, "Events cannot be told; subscribers will have to read the state again");
  }

  /** Returns at once. Events of one turn, and those that come while others are being sent, travel together. */
  publish(events: readonly LovageEvent[]): void {
    if (events.length === 0) return;
    // A burst of any size is taken while not much waits: it was in memory anyway.
    if (this.#waiting.length > MAX_WAITING) {
      this.dropped += events.length;
      return;
    }
    for (const event of events) this.#waiting.push(event);
    this.#sending ??= this.#send();
  }

  /** Resolves when all that was published is told or dropped. */
  async flush(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.length <= BATCH ? this.#waiting : this.#waiting.slice(0, BATCH);
      this.#waiting = this.#waiting.length <= BATCH ? [] : this.#waiting.slice(BATCH);
      try {
        await this.stream.append(batch);
        this.#outage.over();
      } catch (error) {
        this.dropped += batch.length;
        this.#outage.note(error);
      }
    }
    this.#sending = null;
  }
}
