import type { Cursor } from "../../events/event-stream.ts";
import type { Clock } from "../../lib/clock.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import type { Delivery, FeedItem } from "../events/event-subscription.ts";

export const LIST_CHANGES = ["INSERTED", "UPDATED", "REMOVED"] as const;

/** A change of a list, the same object for all of its subscribers. */
export interface ListChange {
  readonly type: (typeof LIST_CHANGES)[number];
  readonly cursor: Cursor;
  /** The task after the change. A removed one may be gone, or be as it was when it was last seen. */
  readonly task: TaskSummary;
}

/** The whole list, the same object for all subscribers that begin between two changes. */
export interface ListSnapshot {
  readonly cursor: Cursor;
  readonly tasks: readonly TaskSummary[];
  /** Whether more tasks match than the list shows. */
  readonly hasMore: boolean;
}

export type ListItem =
  | { readonly type: "snapshot"; readonly snapshot: ListSnapshot }
  /** `merged`: number of earlier changes that were not sent, as the subscriber asked for. */
  | { readonly type: "change"; readonly change: ListChange; readonly merged: number }
  | Extract<FeedItem, { readonly type: "lag" | "reset" | "heartbeat" }>;

export type Heartbeat = Extract<FeedItem, { readonly type: "heartbeat" }>;

/** What a subscription needs of its list. */
export interface ListHost {
  readonly clock: Pick<Clock, "monotonic">;
  /** The list as it is now. */
  snapshot(): ListSnapshot;
  onEnd(subscription: ListSubscription): void;
}

/** Changes that may wait for a slow reader. Above, it receives the whole list again. */
const MAX_WAITING = 500;

type Pending = Extract<ListItem, { readonly type: "change" }>;

/**
 * One subscriber of a list. It receives the list, then its changes. A reader that is too slow
 * receives the list again, so it never holds more than a bounded number of changes.
 */
export class ListSubscription implements AsyncIterableIterator<ListItem, undefined> {
  /** By task with the delivery LATEST, else by their number. */
  readonly #pending = new Map<string, Pending>();
  #ready: ListItem[] = [];
  #count = 0;
  /** Changes that the others have cancelled out. */
  #unsent = 0;
  #needsSnapshot = true;
  #heartbeat: Heartbeat | null = null;
  #heldUntil = -Infinity;
  #lastSentAt: number;
  #ended = false;
  #failure: Error | null = null;
  #wake = Promise.withResolvers<void>();

  constructor(
    private readonly host: ListHost,
    private readonly delivery: Delivery,
  ) {
    this.#lastSentAt = host.clock.monotonic();
  }

  [Symbol.asyncIterator] = (): this => this;

  async next(): Promise<IteratorResult<ListItem, undefined>> {
    while (!this.#ended) {
      const value = this.#take();
      if (value) {
        this.#lastSentAt = this.host.clock.monotonic();
        this.#heartbeat = null;
        return { done: false, value };
      }
      await this.#sleep(this.#pending.size > 0 ? this.#holdMs() : null);
    }
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ListItem, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  /** Ends the iteration, with an error if there is one. */
  end(failure: Error | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#clear();
    this.host.onEnd(this);
    this.#wake.resolve();
  }

  offer(change: ListChange): void {
    if (this.#needsSnapshot) return; // The list that it will receive has the change.
    if (this.delivery.mode === "LATEST") this.#merge(change);
    else this.#pending.set(String((this.#count += 1)), { type: "change", change, merged: 0 });
    if (this.#pending.size > MAX_WAITING) this.#overflow(change.cursor);
    this.#wake.resolve();
  }

  /** Sends the reset, then the list again. */
  reset(item: Extract<ListItem, { readonly type: "reset" }>): void {
    this.#clear();
    this.#ready.push(item);
    this.#needsSnapshot = true;
    this.#wake.resolve();
  }

  /** Sends a heartbeat unless something was sent since, in milliseconds, or waits. */
  beat(heartbeat: Heartbeat, silentForMs: number): void {
    if (this.#pending.size > 0 || this.host.clock.monotonic() - this.#lastSentAt < silentForMs) return;
    this.#heartbeat = heartbeat;
    this.#wake.resolve();
  }

  #take(): ListItem | null {
    const ready = this.#ready.shift();
    if (ready) return ready;
    if (this.#needsSnapshot) {
      this.#needsSnapshot = false;
      return { type: "snapshot", snapshot: this.host.snapshot() };
    }
    if (this.#pending.size === 0) return this.#heartbeat;
    if (this.#holdMs() > 0) return null;
    // All that waits is sent together. What comes meanwhile waits for the next time.
    const [first, ...rest] = this.#pending.values();
    this.#ready = rest;
    this.#pending.clear();
    this.#heldUntil = this.host.clock.monotonic() + (this.delivery.everyMs ?? 0);
    const merged = first!.merged + this.#unsent;
    this.#unsent = 0;
    return { ...first!, merged };
  }

  /** Joins a change to the one of the same task that waits. */
  #merge(change: ListChange): void {
    const { id } = change.task;
    const before = this.#pending.get(id);
    this.#pending.delete(id);
    const merged = before ? before.merged + 1 : 0;
    const type = before ? typeOfBoth(before.change.type, change.type) : change.type;
    if (type === null) this.#unsent += merged + 1;
    else {
      const joined = type === change.type ? change : { ...change, type };
      this.#pending.set(id, { type: "change", change: joined, merged });
    }
  }

  #overflow(cursor: Cursor): void {
    const skipped = this.#pending.size + this.#ready.length;
    this.#clear();
    this.#ready.push({ type: "lag", cursor, skipped });
    this.#needsSnapshot = true;
  }

  #clear(): void {
    this.#pending.clear();
    this.#ready = [];
    this.#unsent = 0;
    this.#heartbeat = null;
  }

  #holdMs(): number {
    return Math.max(0, this.#heldUntil - this.host.clock.monotonic());
  }

  /** Resolves when something happens, or after this many milliseconds. */
  async #sleep(ms: number | null): Promise<void> {
    const timer = ms === null ? undefined : setTimeout(() => this.#wake.resolve(), ms);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers<void>();
  }
}

/** Returns the change that two changes of a task make; null if there is none. */
function typeOfBoth(first: ListChange["type"], then: ListChange["type"]): ListChange["type"] | null {
  if (first === "INSERTED") return then === "REMOVED" ? null : "INSERTED";
  if (first === "REMOVED") return then === "INSERTED" ? "UPDATED" : then;
  return then;
}
