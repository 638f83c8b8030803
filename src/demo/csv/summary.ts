import { nameColumns } from "./column-names.ts";
import { Column, type ColumnSummary } from "./column.ts";
import { DistinctBudget } from "./distinct.ts";
import { refusal } from "./refusal.ts";

/** More columns than this are taken for a file that is not CSV, or not with this delimiter. */
const MAX_COLUMNS = 1_000;
/** Memory for telling values apart, over all columns. */
const DISTINCT_BYTES = 32 * 1024 * 1024;

interface SummaryOptions {
  /** For messages. */
  readonly path: string;
  /** Whether the first record names the columns. */
  readonly header: boolean;
  /** Different values counted per column. */
  readonly distinctLimit: number;
}

/** Sums up a table, one record at a time. */
export class TableSummary {
  readonly #options: SummaryOptions;
  readonly #budget = new DistinctBudget(DISTINCT_BYTES);
  #columns: readonly Column[] | null = null;
  #rows = 0;

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  /**
   * @param line where the record begins, for messages
   * @throws FatalError when the record has not as many fields as the first one
   */
  add(fields: readonly string[], line: number): void {
    if (this.#columns === null) {
      this.#columns = this.#makeColumns(fields, line);
      if (this.#options.header) return;
    }
    const columns = this.#columns;
    if (fields.length !== columns.length) throw this.#wrongCount(fields.length, columns.length, line);
    for (let index = 0; index < columns.length; index += 1) columns[index]!.add(fields[index]!);
    this.#rows += 1;
  }

  /** Records, without the header. */
  get rows(): number {
    return this.#rows;
  }

  columns(): ColumnSummary[] {
    return (this.#columns ?? []).map((column) => column.summary());
  }

  #makeColumns(fields: readonly string[], line: number): Column[] {
    const { path, header, distinctLimit } = this.#options;
    if (fields.length > MAX_COLUMNS) {
      throw refusal({
        path,
        line,
        rule: `the record has ${fields.length} fields; the limit is ${MAX_COLUMNS}`,
        remedy: "Look whether the file is CSV with this delimiter, or take columns out.",
      });
    }
    const names = nameColumns(header ? fields : fields.map(() => ""));
    return names.map((name) => new Column(name, distinctLimit, this.#budget));
  }

  #wrongCount(got: number, expected: number, line: number): Error {
    const { path, header } = this.#options;
    return refusal({
      path,
      line,
      rule: `the record has ${got} ${got === 1 ? "field" : "fields"} where the ${header ? "header" : "first record"} has ${expected}`,
      remedy: "Correct the record, or give the delimiter that the file uses.",
    });
  }
}
