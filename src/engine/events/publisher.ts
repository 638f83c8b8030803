import type { EventStream } from "../../events/event-stream.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import { nextTurn } from "../../lib/async/event-loop.ts";

/**
 * Events that wait for a slow or absent broker. Above this, new events are dropped until half of
 * the waiting ones are sent.
 */
const MAX_WAITING = 20_000;
const BATCH = 500;
/**
 * Batches that may be under way beside the one that is waited for: a broker that is slow must not
 * have all of them at once.
 */
const MAX_AHEAD = 8;

/**
 * Publishes events after their commit. It never blocks: an event that cannot be published is
 * dropped and counted. The first thing that is published afterwards is the gap, so that subscribers
 * read the state again.
 */
export class Publisher {
  readonly #outage: OutageLog;
  readonly #overflow: OutageLog;
  #waiting: LovageEvent[] = [];
  #dropping = false;
  #lossPending = false;
  #sending: Promise<void> | null = null;
  readonly #ahead = new Set<Promise<void>>();
  /** Events that no subscriber received. */
  dropped = 0;

  constructor(
    private readonly stream: Pick<EventStream, "append" | "appendLoss">,
    log: Logger,
    /** Receives every event of this process, with its outcomes if they are known. @default none */
    private readonly observe?: (events: readonly LovageEvent[], outcomes?: readonly Outcome[]) => void,
  ) {
    this.#outage = new OutageLog(
      log,
      "Events cannot be published; subscribers will have to read the state again",
    );
    this.#overflow = new OutageLog(
      log,
      "Too many events wait and are dropped; subscribers will have to read the state again",
    );
  }

  /**
   * Returns at once; `outcomes` gives one for each event, for this process only. Events of one
   * turn, and those that come while others are being sent, travel together.
   */
  publish(events: readonly LovageEvent[], outcomes?: () => readonly Outcome[]): void {
    if (events.length === 0) return;
    this.observe?.(events, outcomes?.());
    // A burst of any size is taken while not much waits: it was in memory anyway.
    if (this.#dropping || this.#waiting.length > MAX_WAITING) {
      this.#dropping = true;
      this.dropped += events.length;
      this.#overflow.note(null);
      return;
    }
    for (const event of events) this.#waiting.push(event);
    this.#sending ??= this.#send();
  }

  /**
   * Reports a gap: a process that died may have committed changes without publishing them. Returns
   * at once.
   */
  markGap(): void {
    this.#lossPending = true;
    this.#sending ??= this.#send();
  }

  /**
   * Sends what waits at once, without waiting for what is under way. What the caller sends to the
   * same server afterwards then comes after it. Best effort: of very many events, or after a loss,
   * the others are sent as usual.
   */
  flushNow(): void {
    while (
      this.#waiting.length > 0 &&
      !this.#dropping &&
      !this.#lossPending &&
      this.#ahead.size < MAX_AHEAD
    ) {
      const sent = this.#appendBatch().finally(() => this.#ahead.delete(sent));
      this.#ahead.add(sent);
    }
  }

  /** Resolves when all published events are sent or dropped. */
  async flush(): Promise<void> {
    while (this.#sending || this.#ahead.size > 0) await Promise.all([this.#sending, ...this.#ahead]);
  }

  async #send(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0 || this.#lossPending) {
      if (this.#lossPending) await this.#appendLoss();
      else await this.#appendBatch();
      if (this.#dropping && this.#waiting.length <= MAX_WAITING / 2) this.#dropNoMore();
    }
    this.#sending = null;
  }

  async #appendBatch(): Promise<void> {
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

  async #appendLoss(): Promise<void> {
    this.#lossPending = false;
    // If it fails, the stream reports the gap later.
    await this.stream.appendLoss().catch((error: unknown) => this.#outage.note(error));
  }

  #dropNoMore(): void {
    this.#dropping = false;
    this.#lossPending = true;
    this.#overflow.over();
  }
}
