import { Column, type ColumnSummary } from "./column.ts";
import { DistinctBudget } from "./distinct.ts";
import { refusal } from "./refusal.ts";
import { detach, presentable } from "./text.ts";

/** A file with more columns is probably not CSV, or has another delimiter. */
const MAX_COLUMNS = 1_000;
/** Memory for counting different values, over all columns. */
const DISTINCT_BYTES = 32 * 1024 * 1024;

interface SummaryOptions {
  /** For messages. */
  readonly path: string;
  /** Whether the first record names the columns. */
  readonly header: boolean;
  /** Different values counted per column. */
  readonly distinctLimit: number;
}

/** Summarizes a table, one record at a time. */
export class TableSummary {
  readonly #options: SummaryOptions;
  readonly #budget = new DistinctBudget(DISTINCT_BYTES);
  #columns: readonly Column[] | null = null;
  #rows = 0;

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  /**
   * @param line first line of the record, for messages
   * @throws FatalError when the record has another number of fields than the first one
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
        rule: `expected at most ${MAX_COLUMNS} fields, got ${fields.length}`,
        remedy: "Check that the file is CSV with this delimiter, or remove columns.",
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
      rule: `expected ${expected} ${expected === 1 ? "field" : "fields"} as in the ${header ? "header" : "first record"}, got ${got}`,
      remedy: "Correct the record, or set the delimiter of the file.",
    });
  }
}

/**
 * Unique names for the columns: those of the header, `column_3` for an empty one, and `name_2`,
 * `name_3`, … for repeated ones.
 */
function nameColumns(header: readonly string[]): string[] {
  const wanted = header.map((cell, index) => presentable(detach(cell.trim())) || `column_${index + 1}`);
  const reserved = new Set(wanted);
  const used = new Set<string>();
  const nextNumber = new Map<string, number>();
  return wanted.map((name) => {
    const unique = used.has(name) ? numbered(name, reserved, nextNumber) : name;
    used.add(unique);
    reserved.add(unique);
    return unique;
  });
}

function numbered(name: string, reserved: ReadonlySet<string>, nextNumber: Map<string, number>): string {
  let number = nextNumber.get(name) ?? 2;
  while (reserved.has(`${name}_${number}`)) number += 1;
  nextNumber.set(name, number + 1);
  return `${name}_${number}`;
}
