import { RefusedError } from "../../errors.ts";
import { readLogCursor } from "../../task/records/log-line.ts";

/** Where to go on in a log; 0 is its start. @throws RefusedError (INVALID_INPUT) */
export function readAfter(after: string | null | undefined): number {
  if (after === null || after === undefined) return 0;
  const position = readLogCursor(after);
  if (position !== null) return position;
  const hint = 'Start without "after".';
  throw new RefusedError([
    { code: "INVALID_INPUT", path: ["after"], message: "Cursor cannot be read.", hint },
  ]);
}
