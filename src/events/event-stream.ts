import { RefusedError } from "../errors.ts";
import { shorten } from "../lib/quote.ts";
import type { LovageEvent } from "../task/records/event.ts";

/**
 * A position in the stream: opaque, comparable with `compareCursors`, valid until the stream has
 * dropped it.
 */
export type Cursor = string;

export interface StreamedEvent {
  readonly cursor: Cursor;
  readonly event: LovageEvent;
}

export interface Replay {
  readonly events: readonly StreamedEvent[];
  /**
   * True when events right after the asked cursor are no longer there: the reader must read the
   * state again.
   */
  readonly gone: boolean;
}

/**
 * The events of all processes, in order, for a bounded time. They are appended after their commit,
 * never before.
 */
export interface EventStream {
  connect(): Promise<void>;
  /**
   * Appends events in order.
   * @throws UnavailableError; the events are then lost to subscribers, never to the database.
   */
  append(events: readonly LovageEvent[]): Promise<void>;
  /**
   * Appends a gap for all readers, now and in replays: events were lost before they could be
   * appended.
   *
   * @throws UnavailableError; then the gap is appended as soon as possible
   */
  appendLoss(): Promise<void>;
  /**
   * Up to `limit` events after `after`, oldest first; an empty list means that the end is reached.
   *
   * @throws RefusedError (INVALID_INPUT) for a cursor that cannot be read
   */
  readAfter(after: Cursor, limit: number): Promise<Replay>;
  /**
   * The newest events up to `cursor`, that one with them, oldest first: `limit` of them, or all
   * that are still kept.
   *
   * @throws RefusedError (INVALID_INPUT) for a cursor that cannot be read
   */
  readUpTo(cursor: Cursor, limit: number): Promise<readonly StreamedEvent[]>;
  /** The cursor of the newest event, or one before the first when there is none yet. */
  head(): Promise<Cursor>;
  /**
   * Below zero when `a` is before `b`, zero when equal.
   * @throws RefusedError (INVALID_INPUT) for a cursor that cannot be read
   */
  compareCursors(a: Cursor, b: Cursor): number;
  /**
   * Follows the stream from its end; calls `onEvents` with each batch, in order. Survives
   * reconnects. When events were missed for good (the stream was dropped or flushed, or a writer
   * lost some), calls `onGap` before going on, with the cursor to go on from: what came before it
   * can be found only in the state. Returns the way to stop.
   */
  tail(
    onEvents: (events: readonly StreamedEvent[]) => void,
    onGap: (reason: string, cursor: Cursor) => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * The reason of a gap when a writer lost events: it could not reach the stream, had too many, or
 * died.
 */
export const LOSS_REASON = "Events were lost before they could be published.";

/** Returns the error for a cursor that this stream cannot have made. */
export function badCursor(cursor: string): RefusedError {
  return new RefusedError([
    {
      code: "INVALID_INPUT",
      message: `The cursor "${shorten(cursor)}" cannot be read.`,
      path: ["after"],
      hint: 'Pass a cursor as this server sent it, or start without "after".',
    },
  ]);
}
