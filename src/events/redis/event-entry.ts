import { redisScript } from "../../redis/script.ts";
import { decodeEvents } from "../codec/event-codec.ts";
import type { Cursor, StreamedEvent } from "../event-stream.ts";
import { LOSS_REASON } from "../event-stream.ts";
import { cursorOf, isCursor, START } from "./cursor.ts";

/**
 * One append is one entry of the stream: its events, and the cursor of the last event before it.
 * With that cursor a reader detects missing events before any entry, whatever the reason.
 */
export interface EventEntry {
  readonly id: string;
  /** Cursor of the last event before this entry, or `GAP`. */
  readonly before: string;
  /** Cursor of the last event of this entry. */
  readonly last: Cursor;
  readonly events: readonly StreamedEvent[];
}

export type RawEventEntry = readonly [id: string, fields: readonly string[]];

/** Stands for `before` in an entry without events: a writer lost the events before it. */
export const GAP = "gap";

/**
 * KEYS: the stream, the key of its last cursor. ARGV: how many entries to keep, the number of
 * events, the events as a string, "1" if earlier events were lost. The XADD comes first: a Redis
 * without memory then rejects the whole script.
 */
export const APPEND = redisScript(`
local before = redis.call('GET', KEYS[2]) or '${START}'
if ARGV[4] == '1' then before = '${GAP}' end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'p', before, 'n', ARGV[2], 'e', ARGV[3])
redis.call('SET', KEYS[2], id .. '.' .. string.format('%d', math.max(0, tonumber(ARGV[2]) - 1)))
return id`);

/** Parses an entry. Leaves out events that are malformed, and still counts their positions. */
export function readEventEntry([id, fields]: RawEventEntry): EventEntry {
  const [before, count, text] = ["p", "n", "e"].map((name) => fields[fields.indexOf(name) + 1] ?? "");
  const decoded = decodeEvents(text ?? "") ?? [];
  const events: StreamedEvent[] = [];
  decoded.forEach((event, index) => {
    if (event) events.push({ cursor: cursorOf(id, index), event });
  });
  return { id, before: isCursor(before!) ? before! : GAP, last: lastCursor(id, Number(count)), events };
}

/**
 * Returns a well-formed cursor, whatever client wrote the entry: subscribers receive it, and send it
 * to resume.
 */
function lastCursor(id: string, count: number): Cursor {
  const cursor = cursorOf(id, Math.max(0, count - 1));
  return isCursor(cursor) ? cursor : cursorOf(id, 0);
}

/** Returns the reason for readers when an entry does not follow the event that they read last. */
export function gapReason(before: string): string {
  if (before === GAP) return LOSS_REASON;
  if (before === START) return "The event stream was emptied.";
  return "Events were dropped before they were read.";
}
