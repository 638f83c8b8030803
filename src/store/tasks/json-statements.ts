/**
 * Largest number of rows of one statement. Two thousand take some 60 ms, which is far from any
 * limit. A batch of several callers then fits into one statement, and no caller waits for two.
 */
export const MAX_STATEMENT_ROWS = 2_000;
/**
 * Approximate size of one statement's rows in characters. A few large values fill it as well as
 * many small ones.
 */
const MAX_CHARACTERS = 4 * 1024 * 1024;
/**
 * Rows that are serialised first, to learn their size: few enough for the largest values to fit
 * into memory.
 */
const PROBE = 50;

/** Rows of one statement, and its parameter: an array of JSON. */
export interface JsonStatement<Row> {
  readonly rows: readonly Row[];
  readonly parameter: string;
}

/** Splits rows into statements, in order. Each is far from any limit. */
export function* jsonStatements<Row>(
  rows: readonly Row[],
  toJson: (row: Row) => object,
): Generator<JsonStatement<Row>, undefined> {
  for (let begin = 0; begin < rows.length;) {
    let some = rows.length <= PROBE ? rows : rows.slice(begin, begin + PROBE);
    let parameter = JSON.stringify(some.map(toJson));
    const more = moreRows(some.length, parameter.length);
    let others = rows.slice(begin + some.length, begin + some.length + more);
    let text = JSON.stringify(others.map(toJson));
    // The first rows were small, and later ones are not.
    while (parameter.length + text.length > 2 * MAX_CHARACTERS && others.length > 0) {
      others = others.slice(0, others.length / 2);
      text = JSON.stringify(others.map(toJson));
    }
    if (others.length > 0) {
      some = rows.slice(begin, begin + some.length + others.length);
      parameter = `${parameter.slice(0, -1)},${text.slice(1)}`;
    }
    yield { rows: some, parameter };
    begin += some.length;
  }
}

/** Returns how many rows fit beside the first ones, if all are as large as those. */
function moreRows(count: number, characters: number): number {
  const fit = Math.floor(MAX_CHARACTERS / (characters / count));
  return Math.max(0, Math.min(MAX_STATEMENT_ROWS, fit) - count);
}
