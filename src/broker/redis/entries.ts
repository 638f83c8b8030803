import { type Hint, QUEUE_PARTITION } from "../../task/records/hint.ts";
import { TASK_NAME } from "../../task/definition/names.ts";
import { priorityOf } from "../../task/definition/priority.ts";
import { PARTITION_RANK } from "../reading-order.ts";
import { isUuid } from "../../lib/uuid.ts";

/** An entry of a stream as Redis returns it. */
export type RawEntry = readonly [id: string, fields: readonly string[] | null];

/** Where an entry of a queue is. */
export interface EntryPosition {
  readonly queue: string;
  readonly rank: number;
  /** Key of the stream. */
  readonly stream: string;
  readonly id: string;
}

/** Returns a key that is unique among the positions of all queues. */
export function positionKey(position: EntryPosition): string {
  return `${position.stream} ${position.id}`;
}

export interface ReadEntry {
  readonly position: EntryPosition;
  /** See {@link positionKey}: made once for each entry, since its hash is cached. */
  readonly key: string;
  readonly hint: Hint;
  readonly bounces: number;
}

/** Parses an entry; null when it is not a hint of ours. Any client of Redis may have added it. */
export function readEntry(position: EntryPosition, fields: readonly string[] | null): ReadEntry | null {
  if (!fields || fields.length > 6) return null;
  const taskId = fieldOf(fields, "t");
  const bounces = Number(fieldOf(fields, "b") ?? 0);
  if (taskId === undefined || !isUuid(taskId) || !Number.isSafeInteger(bounces) || bounces < 0) return null;
  const key = positionKey(position);
  if (position.rank !== PARTITION_RANK)
    return {
      position,
      key,
      hint: { taskId, queue: position.queue, priority: priorityOf(position.rank) },
      bounces,
    };
  const partition = fieldOf(fields, "l");
  if (partition === undefined || !(partition === QUEUE_PARTITION || TASK_NAME.test(partition))) return null;
  const hint: Hint = { taskId, queue: position.queue, priority: "CRITICAL", partition };
  return { position, key, hint, bounces };
}

/** Returns an entry that is not a hint as a JSON string for logs, cut to a bounded length. */
export function describeEntry(position: EntryPosition, fields: readonly string[] | null): string {
  const cut = (fields ?? []).slice(0, 16).map((field) => field.slice(0, 200));
  return JSON.stringify({
    at: new Date().toISOString(),
    stream: position.stream,
    id: position.id,
    fields: cut,
  });
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < fields.length; index += 2)
    if (fields[index] === name) return fields[index + 1];
  return undefined;
}
