import type { EventStream } from "../../events/event-stream.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import { nextTurn } from "../../lib/async/event-loop.ts";

/** Events that wait for a broker which does not answer, or is slow; with more, all are dropped until half of them are told. */
const MAX_WAITING = 20_000;
const BATCH = 500;
/** Batches that may be under way beside the one that is waited for: a broker that is slow must not have all of them at once. */
const MAX_AHEAD = 8;

/**
 * Tells subscribers what happened, after its commit. Never in the way: an event that cannot be told is dropped and counted, and as soon
 * as something can be told again, that is the first thing: subscribers read the state anew.
 */
export class Publisher {
  readonly #outage: OutageLog;
  readonly #overflow: OutageLog;
  #waiting: LovageEvent[] = [];
  #dropping = false;
  #lossUntold = false;
  #sending: Promise<void> | null = null;
  readonly #ahead = new Set<Promise<void>>();
  /** Events that no subscriber heard of. */
  dropped = 0;

  constructor(
    private readonly stream: Pick<EventStream, "append" | "appendLoss">,
    log: Logger,
    /** Told of every event in this process, with the outcomes that led to them where they are known. @default nobody */
    private readonly observe?: (events: readonly LovageEvent[], outcomes?: readonly Outcome[]) => void,
  ) {
    this.#outage = new OutageLog(log, "Events cannot be told; subscribers will have to read the state again");
    this.#overflow = new OutageLog(
      log,
      "More events than can be told are dropped; subscribers will have to read the state again",
    );
  }

  /** Returns at once; `outcomes` gives one for each event, for this process only. Events of one turn, and those that come while others are being sent, travel together. */
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

  /** Something may have been committed that nobody tells any more, as by a process that died. Returns at once. */
  markGap(): void {
    this.#lossUntold = true;
    this.#sending ??= this.#send();
  }

  /**
   * Sends what waits at once, without waiting for what is under way. What the caller sends to the same server afterwards then comes after
   * it. Best effort: with very much to tell, or after a loss, the rest goes its usual way.
   */
  flushNow(): void {
    while (this.#waiting.length > 0 && !this.#dropping && !this.#lossUntold && this.#ahead.size < MAX_AHEAD) {
      const sent = this.#appendBatch().finally(() => this.#ahead.delete(sent));
      this.#ahead.add(sent);
    }
  }

  /** Resolves when all that was published is told or dropped. */
  async flush(): Promise<void> {
    while (this.#sending || this.#ahead.size > 0) await Promise.all([this.#sending, ...this.#ahead]);
  }

  async #send(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0 || this.#lossUntold) {
      if (this.#lossUntold) await this.#appendLoss();
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
    this.#lossUntold = false;
    // Where it fails, the stream tells later by itself.
    await this.stream.appendLoss().catch((error: unknown) => this.#outage.note(error));
  }

  #dropNoMore(): void {
    this.#dropping = false;
    this.#lossUntold = true;
    this.#overflow.over();
  }
}
