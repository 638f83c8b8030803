import { RefusedError } from "../errors.ts";

/** What a reader gets for a cursor that this stream cannot have made. */
export function badCursor(cursor: string): RefusedError {
  const shown = cursor.length > 80 ? `${cursor.slice(0, 80)}…` : cursor;
  return new RefusedError([
    {
      code: "INVALID_INPUT",
      message: `The cursor "${shown}" cannot be read.`,
      path: ["after"],
      hint: 'Pass a cursor as this server sent it, or start without "after".',
    },
  ]);
}
