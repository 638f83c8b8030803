import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CsvError, parse, type InfoRecord, type Parser } from "csv-parse";
import { quote, refusal } from "./refusal.ts";

/** Longest record, in bytes: a missing closing quote is noticed after at most this much. */
const MAX_RECORD_BYTES = 1024 * 1024;
/** Small enough that other tasks of the process run every few milliseconds. */
const CHUNK_BYTES = 64 * 1024;

interface RecordSource {
  readonly handle: FileHandle;
  /** Bytes to read. Later appended data is ignored, so that a growing file has an end. */
  readonly size: number;
  /** For messages. */
  readonly path: string;
  readonly delimiter: string;
  readonly signal: AbortSignal;
  /** `line` is the first line of the record, from 1. An exception ends the reading. */
  readonly onRecord: (fields: readonly string[], line: number) => void;
  /** Called after every block, with the bytes read so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Reads a CSV file record by record in bounded memory. Accepts LF, CRLF and CR, with or without a
 * byte order mark. Skips empty lines and white space around fields. Bytes that are not UTF-8 become
 * U+FFFD.
 *
 * @throws FatalError for invalid quotes and records that are too long, with the line
 */
export async function readRecords(source: RecordSource): Promise<void> {
  const lines = new LineCounter();
  let recordEnd = 0;
  const parser: Parser = parse({
    bom: true,
    delimiter: source.delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: MAX_RECORD_BYTES,
    // The caller checks the number of fields: the parser's line numbers are wrong after a CRLF
    // within quotes.
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    // A callback instead of a stream of records needs no queue and no promise for each record.
    on_record: (fields: string[], info: InfoRecord) => {
      recordEnd = info.bytes;
      source.onRecord(fields, lines.next(fields, info));
      return null;
    },
  });
  const check = (bytes: number): void => {
    // The parser limits a record's characters, but not its delimiters: a gigabyte of commas would
    // become a huge array.
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
        `path ${quote(source.path)}: the file became shorter while it was read. Another attempt will read it from the start.`,
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
    rule: "expected UTF-8, got UTF-16",
    remedy: "Convert the file, for example with: iconv -f UTF-16 -t UTF-8.",
  });
}

/** Counts the lines on which records begin. */
class LineCounter {
  #line = 1;
  #parserLines = 0;
  #emptyLines = 0;
  #emptyLinesOfBlock = 0;

  next(fields: readonly string[], info: InfoRecord): number {
    const start = this.upcoming(info.empty_lines);
    // The parser counts some line breaks within quotes twice, but never too few: without any there
    // is nothing to count.
    const isPlain = info.lines - this.#parserLines === 1 + info.empty_lines - this.#emptyLines;
    this.#line = start + 1 + (isPlain ? 0 : countLineBreaks(fields));
    this.#parserLines = info.lines;
    this.#emptyLines = info.empty_lines;
    return start;
  }

  /** The first line of the record that is being read. */
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
    rule: `expected a record of at most ${MAX_RECORD_BYTES} bytes, got a longer one`,
    remedy: "Close all quotes, and check that the file is CSV.",
  });
}

function explain(error: CsvError, source: RecordSource, line: number): Error {
  const { path } = source;
  const remedy = 'Put quotes around the whole field, and double each quote inside: "the ""best"" one".';
  switch (error.code as string) {
    case "CSV_MAX_RECORD_SIZE":
      return tooLong(source, line);
    case "CSV_QUOTE_NOT_CLOSED":
      return refusal({ path, line, rule: "expected a closing quote, got the end of the file", remedy });
    case "INVALID_OPENING_QUOTE":
      return refusal({
        path,
        line,
        rule: "expected a quote at the start of the field, got one in the middle",
        remedy,
      });
    case "CSV_INVALID_CLOSING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return refusal({
        path,
        line,
        rule: "expected a delimiter after the closing quote, got another character",
        remedy,
      });
    default:
      return refusal({
        path,
        line,
        rule: `the record is not valid CSV (${error.code})`,
        remedy: "Correct the record.",
      });
  }
}
