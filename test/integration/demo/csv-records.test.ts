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
    ["too few fields", "a,b,c\n1,2,3\n4,5\n", 3, "the record has 2 fields where the header has 3"],
    ["too many fields", "a,b\n1,2\n\n3,4,5\n", 4, "the record has 3 fields where the header has 2"],
    ["a lone field", "a,b\nx\n", 2, "the record has 1 field where the header has 2"],
    ["a quote never closed", 'a,b\n1,2\n3,"x\n4,5\n', 3, "a quote is opened in this record and never closed"],
    ["a quote that swallows the next", 'a,b\n1,"x\n2,"y"\n', 2, "text follows the closing quote of a field"],
    ["text after a quote", 'a,b\n1,"x"y\n', 2, "text follows the closing quote of a field"],
    ["text after a quote and a space", 'a,b\n1,"x" y\n', 2, "text follows the closing quote of a field"],
    ["a quote within a field", 'a,b\n1,x"y\n', 2, "a quote stands in the middle of a field"],
    ["an error after quoted CRLF", 'a,b\r\n"1\r\n\r\n",2\r\n"3\r4",5\r\n6\r\n', 7, "the record has 1 field"],
    [
      "an error after empty CRLF lines",
      'a,b\r\n\r\n\r\n1,2\r\n\r\n3,x"\r\n',
      6,
      "a quote stands in the middle",
    ],
    ["an endless field", `a\n1\n${"x".repeat(1_100_000)}\n`, 3, "longer than 1048576 bytes"],
    ["an endless quoted field", `a\n"${"x\n".repeat(600_000)}`, 2, "longer than 1048576 bytes"],
    ["a record of commas only", `a,b\n${",".repeat(1_300_000)}`, 2, "longer than 1048576 bytes"],
    ["endless blanks", `a\n\n1\n${" ".repeat(1_300_000)}`, 4, "longer than 1048576 bytes"],
    ["too many columns", `${wide}\n`, 1, "the record has 1001 fields; the limit is 1000"],
  ])("%s", async (_, content, line, rule) => {
    const error: unknown = await folder.summarize(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FatalError);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^path "table\\.csv", line ${line}: `));
    expect(message).toContain(rule);
    expect(message).toMatch(/\. (Correct|Give|Look|A field|Convert) ?.*\.$/);
    expect(message).not.toContain(folder.at(""));
    expect(message.length).toBeLessThan(400);
  });

  test.each(["utf16le", "big endian"])("UTF-16 (%s)", async (order) => {
    const content = Buffer.from("\uFEFFa,b\n1,2\n", "utf16le");
    await expect(folder.summarize(order === "big endian" ? content.swap16() : content)).rejects.toThrow(
      /UTF-16 and must be UTF-8.*iconv/,
    );
  });

  test("the first record sets the count where there is no header", async () => {
    await expect(folder.summarize("1,2\n3\n", { header: false })).rejects.toThrow(
      "1 field where the first record has 2",
    );
  });

  test("many empty lines are no endless record", async () => {
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
