import { badCursor } from "../event-stream.ts";
import type { Cursor } from "../event-stream.ts";

/** A cursor is the id of a stream's entry and the index of an event in it. */
export interface StreamPosition {
  /** Id of the entry: `milliseconds-number`. */
  readonly id: string;
  readonly index: number;
}

/** The cursor before the first event of an empty stream. */
export const START: Cursor = "0-0.0";

const CURSOR = /^((\d{1,15})-(\d{1,15}))\.(\d{1,6})$/;

export function cursorOf(id: string, index: number): Cursor {
  return `${id}.${index}`;
}

export function isCursor(text: string): boolean {
  return CURSOR.test(text);
}

/** @throws RefusedError for a malformed cursor */
export function positionOf(cursor: Cursor): StreamPosition {
  const { 1: id, 4: index } = match(cursor);
  return { id: id!, index: Number(index) };
}

/** @throws RefusedError for a malformed cursor */
export function compareRedisCursors(a: Cursor, b: Cursor): number {
  const [left, right] = [match(a), match(b)];
  for (const part of [2, 3, 4]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function match(cursor: Cursor): RegExpExecArray {
  const found = CURSOR.exec(cursor);
  if (!found) throw badCursor(cursor);
  return found;
}
