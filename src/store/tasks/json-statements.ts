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
    let some = rows.length <= PROBE ? rows : rows.slice(begin, begin + countFor(rows, begin, toJson));
    let parameter = JSON.stringify(some.map(toJson));
    // The first rows were small, and later ones are not.
    while (parameter.length > 2 * MAX_CHARACTERS && some.length > PROBE) {
      some = some.slice(0, some.length / 2);
      parameter = JSON.stringify(some.map(toJson));
    }
    yield { rows: some, parameter };
    begin += some.length;
  }
}

/** Returns the number of rows of a statement, if all are as large as the first ones. */
function countFor<Row>(rows: readonly Row[], begin: number, toJson: (row: Row) => object): number {
  const first = rows.slice(begin, begin + PROBE);
  const each = JSON.stringify(first.map(toJson)).length / first.length;
  return Math.min(MAX_STATEMENT_ROWS, Math.max(PROBE, Math.floor(MAX_CHARACTERS / each)));
}
