import { z } from "zod";
import { defineTask, type TaskContext } from "../index.ts";
import { openDataFile } from "./csv/data-file.ts";
import { readRecords } from "./csv/records.ts";
import { TableSummary } from "./csv/summary.ts";

const PROGRESS_EVERY_MS = 250;

const input = z.object({
  path: z.string().min(1).max(1024).describe("Path of the file, relative to LOVAGE_DATA_DIR."),
  delimiter: z
    .string()
    .regex(/^[^"\r\n\0]$/, "expected one character that is not a quote or a line break")
    .default(",")
    .describe("The character between fields."),
  header: z.boolean().default(true).describe("Whether the first record names the columns."),
  distinctLimit: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe("Largest number of different values to count per column."),
});

const bound = z.union([z.string(), z.number()]).nullable();

const output = z.object({
  rows: z.int().describe("Records, without the header."),
  bytes: z.int().describe("Bytes read."),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z
        .enum(["integer", "number", "boolean", "date", "string", "empty"])
        .describe("The narrowest type that fits all values."),
      count: z.int().describe("Values that are not empty."),
      empty: z.int(),
      distinct: z.int().describe("Different values; a lower bound unless distinctIsExact."),
      distinctIsExact: z
        .boolean()
        .describe(
          "False when there are more than distinctLimit, or when counting them for the whole file takes too much memory.",
        ),
      min: bound.describe("A number or a string of up to 80 characters, depending on the type."),
      max: bound.describe("A number or a string of up to 80 characters, depending on the type."),
      mean: z.number().nullable().describe("Null unless the column is numeric."),
    }),
  ),
});

export const summarizeCsv = defineTask({
  name: "csv.summarize",
  description: "Reads a CSV file of any size below LOVAGE_DATA_DIR and summarizes its columns.",
  input,
  output,
  run: async (options, ctx) => {
    ctx.signal.throwIfAborted();
    const { handle, size } = await openDataFile(process.env["LOVAGE_DATA_DIR"], options.path);
    try {
      const table = new TableSummary(options);
      await readRecords({
        handle,
        size,
        path: options.path,
        delimiter: options.delimiter,
        signal: ctx.signal,
        onRecord: (fields, line) => table.add(fields, line),
        onBytes: progressReporter(ctx, size, table),
      });
      if (size > 0) ctx.progress(size, size, `${table.rows} rows`);
      return { rows: table.rows, bytes: size, columns: table.columns() };
    } finally {
      await handle.close();
    }
  },
});

/**
 * Reports progress four times a second, but not the end: the last record is counted after the last
 * block.
 */
function progressReporter(ctx: TaskContext, size: number, table: TableSummary): (bytes: number) => void {
  let reportedAt = -Infinity;
  return (bytes) => {
    const now = performance.now();
    if (now - reportedAt < PROGRESS_EVERY_MS || bytes === size) return;
    reportedAt = now;
    ctx.progress(bytes, size, `${table.rows} rows`);
  };
}
