import { toError } from "../lib/thrown.ts";
import { stripVTControlCharacters, styleText } from "node:util";
import { errorRecord } from "../lib/log/error-record.ts";
import { EXIT, type ExitCode, type Failure } from "./failure.ts";

type Style = Parameters<typeof styleText>[0];

export interface OutputOptions {
  /** Print data and errors as JSON. */
  readonly json: boolean;
  /** Omit notes. */
  readonly quiet: boolean;
  /** Print the stack traces of errors. */
  readonly verbose: boolean;
  /** Use colours where the stream is a terminal. */
  readonly color: boolean;
}

/** Writes the data of a command to stdout, and everything else to stderr. */
export class Output {
  constructor(readonly options: OutputOptions) {}

  get json(): boolean {
    return this.options.json;
  }

  /** Writes requested data to stdout. */
  data(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Writes a value to stdout as JSON. */
  value(value: unknown): void {
    this.data(JSON.stringify(value));
  }

  /** Writes a note to stderr, unless `--quiet` is set. */
  note(text: string): void {
    if (!this.options.quiet) process.stderr.write(`${text}\n`);
  }

  /** Writes a line of progress to stderr; on a terminal the next one replaces it. */
  progress(text: string): void {
    if (this.options.quiet || this.json) return;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
  }

  /** Removes the line of progress from a terminal. */
  endProgress(): void {
    if (!this.options.quiet && !this.json && process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  }

  /** Writes a failed result to stderr. */
  error(text: string): void {
    process.stderr.write(`${this.paint("red", "✗", process.stderr)} ${plain(text)}\n`);
  }

  /** Writes the error that ends a command to stderr. */
  fail(failure: Failure, error: unknown): void {
    const { code, message, hint } = failure;
    if (this.json) {
      process.stderr.write(`${JSON.stringify({ code, message, hint })}\n`);
    } else {
      const lines = message
        .split("\n")
        .map((line) => `${this.paint("red", "✗", process.stderr)} ${plain(line)}`);
      process.stderr.write(`${lines.join("\n")}${hint === null ? "" : ` ${hint}`}\n`);
    }
    if (this.options.verbose) process.stderr.write(`${plain(errorRecord(toError(error)).stack)}\n`);
  }

  /**
   * The string in a style, where the stream supports colours and the user has not disabled them.
   */
  paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
    return this.options.color ? styleText(style, text, { stream }) : text;
  }
}

/**
 * Text without control characters: a task's error may contain any, and a terminal would execute
 * them.
 */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�");
}

/** A table: rows in aligned columns below their titles. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => plain(cell).replaceAll("\n", " ")));
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The columns of a list. */
export interface List<T> {
  /** The note that replaces an empty table. */
  readonly empty: string;
  readonly titles: readonly string[];
  readonly row: (item: T) => readonly string[];
}

/** Prints the items of a list as a table or as JSON. */
export function printList<T>(output: Output, items: readonly T[], list: List<T>): ExitCode {
  if (output.json) output.value(items);
  else if (items.length === 0) output.note(list.empty);
  else output.data(columns(list.titles, items.map(list.row)));
  return EXIT.ok;
}
