import { partsOf } from "../lib/parts-of.ts";

/** Rows of one statement. A thousand take some 30 ms: far from any limit, and more would not be cheaper for each. */
const MAX_ROWS = 1_000;
/** Characters of one statement's rows, about; a few large values fill it as well as many small ones. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
/** Rows that are made text at once: few enough for the largest values to stay within memory. */
const PIECE = 50;

/** Rows of one statement, and its parameter: an array of JSON. */
export interface JsonStatement<Row> {
  readonly rows: readonly Row[];
  readonly parameter: string;
}

/** Cuts rows into statements that each are far from any limit, in order. */
export function* jsonStatements<Row>(
  rows: readonly Row[],
  toJson: (row: Row) => object,
): Generator<JsonStatement<Row>, undefined> {
  let [begin, end, size] = [0, 0, 0];
  let texts: string[] = [];
  for (const piece of partsOf(rows, PIECE)) {
    const text = JSON.stringify(piece.map(toJson)).slice(1, -1);
    texts.push(text);
    end += piece.length;
    size += text.length;
    if (end < rows.length && end - begin < MAX_ROWS && size < MAX_CHARACTERS) continue;
    const some = begin === 0 && end === rows.length ? rows : rows.slice(begin, end);
    yield { rows: some, parameter: `[${texts.join(",")}]` };
    [begin, size, texts] = [end, 0, []];
  }
}
