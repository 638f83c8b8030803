import { TimeSlice } from "../async/event-loop.ts";

/**
 * Levels that are walked; what lies deeper is one piece. Of a page of rows these are the rows'
 * fields.
 */
const WALKED_LEVELS = 5;
/** Longest slice in milliseconds. */
const SLICE_MS = 8;

/**
 * Serializes a value to JSON in UTF-8, and yields to the event loop between slices. Returns null as soon as
 * there are more than `maxBytes`.
 */
export async function stringifyInSlices(value: unknown, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const slice = new TimeSlice(SLICE_MS);
  for (const piece of piecesOf(value, WALKED_LEVELS)) {
    const chunk = Buffer.from(piece);
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
    const pause = slice.yield();
    if (pause) await pause;
  }
  return Buffer.concat(chunks, bytes);
}

function* piecesOf(value: unknown, levels: number): Generator<string> {
  if (typeof value !== "object" || value === null || "toJSON" in value || levels === 0) {
    yield JSON.stringify(value) ?? "null";
  } else if (Array.isArray(value)) {
    yield* listPieces(value, levels - 1);
  } else {
    yield* objectPieces(value, levels - 1);
  }
}

function* listPieces(items: readonly unknown[], levels: number): Generator<string> {
  let before = "[";
  for (const item of items) {
    yield before;
    yield* piecesOf(item, levels);
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

function* objectPieces(value: object, levels: number): Generator<string> {
  let before = "{";
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined || typeof field === "function" || typeof field === "symbol") continue;
    yield `${before}${JSON.stringify(key)}:`;
    yield* piecesOf(field, levels);
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}
