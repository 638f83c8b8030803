import { truncate } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { summarizeCsv } from "../../../src/demo/csv.tasks.ts";
import { FatalError } from "../../../src/index.ts";
import { writeBigCsv } from "../../support/big-csv.ts";
import { useCsvFolder } from "./csv-folder.ts";
import { recordContext, runTask } from "../../support/run-task.ts";

const folder = useCsvFolder();

describe("broken content is refused for good, with file, line, rule and remedy", () => {
  const wide = Array.from({ length: 1001 }, (_, i) => `c${i}`).join(",");
  test.each([
    ["too few fields", "a,b,c\n1,2,3\n4,5\n", 3, "expected 3 fields as in the header, got 2"],
    ["too many fields", "a,b\n1,2\n\n3,4,5\n", 4, "expected 2 fields as in the header, got 3"],
    ["a lone field", "a,b\nx\n", 2, "expected 2 fields as in the header, got 1"],
    ["a quote never closed", 'a,b\n1,2\n3,"x\n4,5\n', 3, "expected a closing quote, got the end of the file"],
    [
      "a quote that swallows the next",
      'a,b\n1,"x\n2,"y"\n',
      2,
      "expected a delimiter after the closing quote, got another character",
    ],
    [
      "text after a quote",
      'a,b\n1,"x"y\n',
      2,
      "expected a delimiter after the closing quote, got another character",
    ],
    [
      "text after a quote and a space",
      'a,b\n1,"x" y\n',
      2,
      "expected a delimiter after the closing quote, got another character",
    ],
    [
      "a quote within a field",
      'a,b\n1,x"y\n',
      2,
      "expected a quote at the start of the field, got one in the middle",
    ],
    [
      "an error after quoted CRLF",
      'a,b\r\n"1\r\n\r\n",2\r\n"3\r4",5\r\n6\r\n',
      7,
      "expected 2 fields as in the header, got 1",
    ],
    [
      "an error after empty CRLF lines",
      'a,b\r\n\r\n\r\n1,2\r\n\r\n3,x"\r\n',
      6,
      "expected a quote at the start of the field, got one in the middle",
    ],
    [
      "an endless field",
      `a\n1\n${"x".repeat(1_100_000)}\n`,
      3,
      "expected a record of at most 1048576 bytes, got a longer one",
    ],
    [
      "an endless quoted field",
      `a\n"${"x\n".repeat(600_000)}`,
      2,
      "expected a record of at most 1048576 bytes, got a longer one",
    ],
    [
      "a record of commas only",
      `a,b\n${",".repeat(1_300_000)}`,
      2,
      "expected a record of at most 1048576 bytes, got a longer one",
    ],
    [
      "endless blanks",
      `a\n\n1\n${" ".repeat(1_300_000)}`,
      4,
      "expected a record of at most 1048576 bytes, got a longer one",
    ],
    ["too many columns", `${wide}\n`, 1, "expected at most 1000 fields, got 1001"],
  ])("%s", async (_, content, line, rule) => {
    const error: unknown = await folder.summarize(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^path "table\\.csv", line ${line}: `));
    expect(message).toContain(rule);
    expect(message).toMatch(/\. (Correct|Check|Close|Put|Convert) ?.*\.$/);
    expect(message).not.toContain(folder.at(""));
    expect(message.length).toBeLessThan(400);
  });

  test.each(["utf16le", "big endian"])("UTF-16 (%s)", async (order) => {
    const content = Buffer.from("\uFEFFa,b\n1,2\n", "utf16le");
    await expect(folder.summarize(order === "big endian" ? content.swap16() : content)).rejects.toThrow(
      /expected UTF-8, got UTF-16.*iconv/,
    );
  });

  test("the first record sets the count when there is not a header", async () => {
    await expect(folder.summarize("1,2\n3\n", { header: false })).rejects.toThrow(
      "expected 2 fields as in the first record, got 1",
    );
  });

  test("many empty lines are not an endless record", async () => {
    await expect(folder.summarize(`a\n1\n${"\n".repeat(3_000_000)}2\n`)).resolves.toMatchObject({ rows: 2 });
  });

  test("a file that becomes shorter while it is read is worth another attempt", async () => {
    const path = folder.at("big.csv");
    await writeBigCsv(path, 20_000_000);
    const { context } = recordContext();
    let cut: Promise<void> | undefined;
    const running = runTask(
      summarizeCsv,
      { path: "big.csv" },
      { ...context, progress: () => void (cut ??= truncate(path, 100)) },
    );
    const error: unknown = await running.catch((thrown: unknown) => thrown);
    await cut;
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(FatalError);
    expect((error as Error).message).toContain('path "big.csv": the file became shorter while it was read');
  });
});
