import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CsvError, parse, type InfoRecord, type Parser } from "csv-parse";
import { quote, refusal } from "./refusal.ts";

/** Longest record, in bytes: what a forgotten closing quote may swallow before it is noticed. */
const MAX_RECORD_BYTES = 1024 * 1024;
/** Small enough that other tasks of the process get their turn every few milliseconds. */
const CHUNK_BYTES = 64 * 1024;

interface RecordSource {
  readonly handle: FileHandle;
  /** Bytes to read. What is appended later is left alone, so a file that is being written to has an end. */
  readonly size: number;
  /** For messages. */
  readonly path: string;
  readonly delimiter: string;
  readonly signal: AbortSignal;
  /** `line` is where the record begins, from 1. May throw; the reading ends then. */
  readonly onRecord: (fields: readonly string[], line: number) => void;
  /** Called after every block, with the bytes read so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Reads a CSV file record by record in bounded memory. Takes LF, CRLF and CR, with or without a byte order mark; empty lines are
 * left out; white space around fields is dropped; bytes that are not UTF-8 become U+FFFD.
 *
 * @throws FatalError for broken quoting and over-long records, with the line
 */
export async function readRecords(source: RecordSource): Promise<void> {
  const lines = new LineCounter();
  let recordEnd = 0;
  const parser: Parser = parse({
    bom: true,
    delimiter: source.delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: MAX_RECORD_BYTES,
    // The caller counts fields itself: the parser's line numbers are wrong after a CRLF within quotes.
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    // A callback and not a stream of records: no queue between reading and counting, and no promise for each record.
    on_record: (fields: string[], info: InfoRecord) => {
      recordEnd = info.bytes;
      source.onRecord(fields, lines.next(fields, info));
      return null;
    },
  });
  const check = (bytes: number): void => {
    // The parser bounds a record's text, but not its delimiters: a gigabyte of commas would become a gigantic array.
    if (lines.sawEmptyLines(parser.info.empty_lines)) recordEnd = bytes;
    if (bytes - recordEnd > MAX_RECORD_BYTES + CHUNK_BYTES)
      throw tooLong(source, lines.upcoming(parser.info.empty_lines));
    source.onBytes(bytes);
  };
  try {
    await pipeline(readBlocks(source, check), parser.resume(), { signal: source.signal });
  } catch (error) {
    source.signal.throwIfAborted();
    throw error instanceof CsvError ? explain(error, source, lines.upcoming(parser.info.empty_lines)) : error;
  }
}

async function* readBlocks(
  source: RecordSource,
  afterBlock: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (let position = 0; position < source.size;) {
    const length = Math.min(CHUNK_BYTES, source.size - position);
    const { bytesRead, buffer } = await source.handle.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) {
      throw new Error(
        `path ${quote(source.path)}: the file became shorter while it was read. Another attempt reads it from the start.`,
      );
    }
    if (position === 0) refuseUtf16(buffer, source);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
    afterBlock(position);
  }
}

function refuseUtf16(start: Buffer, { path }: RecordSource): void {
  const mark = start.length < 2 ? 0 : start.readUInt16BE(0);
  if (mark !== 0xfffe && mark !== 0xfeff) return;
  throw refusal({
    path,
    line: 1,
    rule: "the file is UTF-16 and must be UTF-8",
    remedy: "Convert it, for example with: iconv -f UTF-16 -t UTF-8.",
  });
}

/** Says on which line each record begins. */
class LineCounter {
  #line = 1;
  #parserLines = 0;
  #emptyLines = 0;
  #emptyLinesOfBlock = 0;

  next(fields: readonly string[], info: InfoRecord): number {
    const start = this.upcoming(info.empty_lines);
    // The parser counts some line breaks within quotes twice, but none too few; where it saw none there is nothing to count.
    const isPlain = info.lines - this.#parserLines === 1 + info.empty_lines - this.#emptyLines;
    this.#line = start + 1 + (isPlain ? 0 : countLineBreaks(fields));
    this.#parserLines = info.lines;
    this.#emptyLines = info.empty_lines;
    return start;
  }

  /** The line on which the record begins that has not ended yet. */
  upcoming(emptyLines: number): number {
    return this.#line + emptyLines - this.#emptyLines;
  }

  /** Whether there were empty lines since the last call. */
  sawEmptyLines(emptyLines: number): boolean {
    const saw = emptyLines > this.#emptyLinesOfBlock;
    this.#emptyLinesOfBlock = emptyLines;
    return saw;
  }
}

function countLineBreaks(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function tooLong({ path }: RecordSource, line: number): Error {
  return refusal({
    path,
    line,
    rule: `the record that begins here is longer than ${MAX_RECORD_BYTES} bytes`,
    remedy: "Look for a quote that is not closed, or for a file that is not CSV.",
  });
}

function explain(error: CsvError, source: RecordSource, line: number): Error {
  const { path } = source;
  const remedy =
    'A field with quotes begins and ends with a quote, and each quote inside is doubled: "say ""hi""".';
  switch (error.code as string) {
    case "CSV_MAX_RECORD_SIZE":
      return tooLong(source, line);
    case "CSV_QUOTE_NOT_CLOSED":
      return refusal({ path, line, rule: "a quote is opened in this record and never closed", remedy });
    case "INVALID_OPENING_QUOTE":
      return refusal({
        path,
        line,
        rule: "a quote stands in the middle of a field that does not begin with one",
        remedy,
      });
    case "CSV_INVALID_CLOSING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return refusal({ path, line, rule: "text follows the closing quote of a field", remedy });
    default:
      return refusal({
        path,
        line,
        rule: `the record cannot be read (${error.code})`,
        remedy: "Correct it.",
      });
  }
}
