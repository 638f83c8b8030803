import { redisScript } from "../../redis/script.ts";
import { decodeEvents } from "../codec/event-codec.ts";
import type { Cursor, StreamedEvent } from "../event-stream.ts";
import { LOSS_REASON } from "../loss-reason.ts";
import { cursorOf, isCursor, START } from "./cursor.ts";

/**
 * One append is one entry of the stream: its events, and the cursor of the last event before it. So a reader knows of each entry
 * whether anything is missing in front of it, however it went missing.
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

/** In the place of `before`, in an entry without events: a writer lost what came before it. */
export const GAP = "gap";

/**
 * KEYS: the stream, the key of its last cursor. ARGV: how many entries to keep, how many events these are, their text, whether
 * earlier ones were lost ("1"). The XADD comes first: a Redis without memory then refuses the whole.
 */
export const APPEND = redisScript(`
local before = redis.call('GET', KEYS[2]) or '${START}'
if ARGV[4] == '1' then before = '${GAP}' end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'p', before, 'n', ARGV[2], 'e', ARGV[3])
redis.call('SET', KEYS[2], id .. '.' .. string.format('%d', math.max(0, tonumber(ARGV[2]) - 1)))
return id`);

/** Reads an entry. Events that cannot be read are left out; their places stay counted. */
export function readEventEntry([id, fields]: RawEventEntry): EventEntry {
  const [before, count, text] = ["p", "n", "e"].map((name) => fields[fields.indexOf(name) + 1] ?? "");
  const decoded = decodeEvents(text ?? "") ?? [];
  const events: StreamedEvent[] = [];
  decoded.forEach((event, index) => {
    if (event) events.push({ cursor: cursorOf(id, index), event });
  });
  return { id, before: isCursor(before!) ? before! : GAP, last: lastCursor(id, Number(count)), events };
}

/** A cursor goes to subscribers, who come back with it: so it must be one that can be read, whoever wrote the entry. */
function lastCursor(id: string, count: number): Cursor {
  const cursor = cursorOf(id, Math.max(0, count - 1));
  return isCursor(cursor) ? cursor : cursorOf(id, 0);
}

/** What to tell readers when an entry does not follow the event that they read last. */
export function gapReason(before: string): string {
  if (before === GAP) return LOSS_REASON;
  if (before === START) return "The event stream was emptied.";
  return "Events were dropped before they were read.";
}
