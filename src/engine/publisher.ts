import type { EventStream } from "../events/event-stream.ts";
import { Batcher } from "../lib/batcher.ts";
import type { Logger } from "../lib/log.ts";
import { OutageLog } from "../lib/outage-log.ts";
import type { LovageEvent } from "../task/event.ts";

/** Events that wait for a broker which does not answer; more are dropped, since subscribers can read the state again. */
const MAX_WAITING = 20_000;

/** Tells subscribers what happened, after its commit. Never in the way: an event that cannot be told is dropped and counted. */
export class Publisher {
  readonly #batcher: Batcher<LovageEvent, void>;
  readonly #outage: OutageLog;
  /** Events that no subscriber heard of. */
  dropped = 0;

  constructor(stream: Pick<EventStream, "append">, log: Logger) {
    this.#outage = new OutageLog(log, "Events cannot be told; subscribers will have to read the state again");
    this.#batcher = new Batcher({
      maxBatch: 500,
      run: async (events): Promise<void[]> => {
        try {
          await stream.append(events);
          this.#outage.over();
        } catch (error) {
          this.dropped += events.length;
          this.#outage.note(error);
        }
        return [];
      },
    });
  }

  publish(events: readonly LovageEvent[]): void {
    if (this.#batcher.size + events.length > MAX_WAITING) {
      this.dropped += events.length;
      return;
    }
    for (const event of events) void this.#batcher.add(event);
  }

  /** Resolves when all that was published is told or dropped. */
  flush(): Promise<void> {
    return this.#batcher.idle();
  }
}
