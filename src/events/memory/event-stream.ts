import { randomInt } from "node:crypto";

import { Fifo } from "../../lib/async/fifo.ts";
import type { LovageEvent } from "../../task/records/event.ts";
import { badCursor } from "../event-stream.ts";
import { decodeEvents, encodeEvents } from "../codec/event-codec.ts";
import type { Cursor, EventStream, Replay, StreamedEvent } from "../event-stream.ts";
import { LOSS_REASON } from "../event-stream.ts";

export interface MemoryEventStreamOptions {
  /** Newest events that are kept for replay. @default 100_000 */
  readonly capacity?: number;
  /** Characters that they may have as text: some events are large. @default 64 Mi */
  readonly maxText?: number;
}

/**
 * The events of one append, or some of them. As text: a tenth of the objects for the collector to
 * walk, and a third of the memory.
 */
interface Batch {
  /** Number of its first event. */
  readonly first: number;
  readonly count: number;
  readonly text: string;
}

/** A page of a replay decodes whole batches. */
const MAX_BATCH = 250;

interface Listener {
  readonly onEvents: (events: readonly StreamedEvent[]) => void;
  readonly onGap: (reason: string, cursor: Cursor) => void;
}

const CURSOR = /^([0-9a-z]{12})\.(\d{1,15})$/;

/**
 * The events of one process, counted from 1. A cursor also names the process: after a restart, the
 * cursors of an earlier one are gone, never misread.
 */
export class MemoryEventStream implements EventStream {
  readonly #boot =
    Date.now().toString(36).padStart(8, "0") +
    randomInt(36 ** 4)
      .toString(36)
      .padStart(4, "0");
  readonly #batches = new Fifo<Batch>();
  readonly #listeners = new Set<Listener>();
  readonly #capacity: number;
  readonly #maxText: number;
  #text = 0;
  #newest = 0;
  #kept = 0;

  constructor(options: MemoryEventStreamOptions = {}) {
    this.#capacity = options.capacity ?? 100_000;
    this.#maxText = options.maxText ?? 64 * 1024 * 1024;
  }

  async connect(): Promise<void> {
    // Nothing to connect to.
  }

  async append(events: readonly LovageEvent[]): Promise<void> {
    if (events.length === 0) return;
    const first = this.#newest + 1;
    for (let start = 0; start < events.length; start += MAX_BATCH)
      this.#keep(events.slice(start, start + MAX_BATCH));
    while (this.#batches.size > 1 && this.#isOver(this.#batches.at(0)!)) {
      const { count, text } = this.#batches.shift()!;
      this.#kept -= count;
      this.#text -= text.length;
    }
    if (this.#listeners.size === 0) return;
    const streamed = events.map((event, index) => ({ cursor: this.#cursor(first + index), event }));
    for (const { onEvents } of this.#listeners) onEvents(streamed);
  }

  /**
   * Readers of what came before would meet the gap anyway: so that goes, and the gap is where the
   * stream begins.
   */
  async appendLoss(): Promise<void> {
    this.#batches.clear();
    this.#kept = 0;
    this.#text = 0;
    this.#newest += 1;
    for (const { onGap } of this.#listeners) onGap(LOSS_REASON, this.#cursor(this.#newest));
  }

  async readAfter(after: Cursor, limit: number): Promise<Replay> {
    const position = parse(after);
    const oldest = this.#newest - this.#kept;
    if (position.boot !== this.#boot || position.number < oldest || position.number > this.#newest) {
      return { events: [], gone: true };
    }
    const events: StreamedEvent[] = [];
    for (let index = this.#batchOf(position.number + 1); events.length < limit; index += 1) {
      const batch = this.#batches.at(index);
      if (!batch) break;
      const skip = Math.max(0, position.number + 1 - batch.first);
      events.push(...this.#decode(batch).slice(skip, skip + limit - events.length));
    }
    return { events, gone: false };
  }

  async readUpTo(cursor: Cursor, limit: number): Promise<readonly StreamedEvent[]> {
    const { boot, number } = parse(cursor);
    const kept = number - (this.#newest - this.#kept);
    if (boot !== this.#boot || number > this.#newest || kept <= 0) return [];
    const count = Math.min(limit, kept);
    return (await this.readAfter(this.#cursor(number - count), count)).events;
  }

  async head(): Promise<Cursor> {
    return this.#cursor(this.#newest);
  }

  compareCursors(a: Cursor, b: Cursor): number {
    const [left, right] = [parse(a), parse(b)];
    if (left.boot !== right.boot) return left.boot < right.boot ? -1 : 1;
    return left.number - right.number;
  }

  async tail(
    onEvents: Listener["onEvents"],
    onGap: Listener["onGap"] = () => undefined,
  ): Promise<() => Promise<void>> {
    const own: Listener = { onEvents, onGap };
    this.#listeners.add(own);
    return async () => void this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #keep(events: readonly LovageEvent[]): void {
    const text = encodeEvents(events);
    this.#batches.push({ first: this.#newest + 1, count: events.length, text });
    this.#text += text.length;
    this.#newest += events.length;
    this.#kept += events.length;
  }

  #isOver(oldest: Batch): boolean {
    return this.#kept - oldest.count >= this.#capacity || this.#text > this.#maxText;
  }

  #cursor(number: number): Cursor {
    return `${this.#boot}.${number}`;
  }

  #decode(batch: Batch): StreamedEvent[] {
    const events = decodeEvents(batch.text) as LovageEvent[];
    return events.map((event, index) => ({ cursor: this.#cursor(batch.first + index), event }));
  }

  /** Index of the batch that holds an event: the last one that does not begin after it. */
  #batchOf(number: number): number {
    let low = 0;
    let high = this.#batches.size - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#batches.at(middle)!.first <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function parse(cursor: Cursor): { readonly boot: string; readonly number: number } {
  const [, boot, number] = CURSOR.exec(cursor) ?? [];
  if (boot === undefined || number === undefined) throw badCursor(cursor);
  return { boot, number: Number(number) };
}
