import { describe, expect, test } from "vitest";
import { summarizeCsv } from "../../../src/demo/csv.tasks.ts";
import { writeBigCsv } from "../../support/big-csv.ts";
import { useCsvFolder } from "./csv-folder.ts";
import { parseInput, recordContext, runTask } from "../../support/run-task.ts";

const folder = useCsvFolder();

describe("a table", () => {
  test("is summed up column by column", async () => {
    const content =
      "id,name,active,born,score\n1,Ada,true,1815-12-10,0.5\n2,Bob,false,,\n3,Ada,TRUE,1906-12-09,2\n";
    await expect(folder.summarize(content)).resolves.toEqual({
      rows: 3,
      bytes: content.length,
      columns: [
        {
          name: "id",
          type: "integer",
          count: 3,
          empty: 0,
          distinct: 3,
          distinctIsExact: true,
          min: 1,
          max: 3,
          mean: 2,
        },
        {
          name: "name",
          type: "string",
          count: 3,
          empty: 0,
          distinct: 2,
          distinctIsExact: true,
          min: "Ada",
          max: "Bob",
          mean: null,
        },
        {
          name: "active",
          type: "boolean",
          count: 3,
          empty: 0,
          distinct: 3,
          distinctIsExact: true,
          min: "false",
          max: "true",
          mean: null,
        },
        {
          name: "born",
          type: "date",
          count: 2,
          empty: 1,
          distinct: 2,
          distinctIsExact: true,
          min: "1815-12-10",
          max: "1906-12-09",
          mean: null,
        },
        {
          name: "score",
          type: "number",
          count: 2,
          empty: 1,
          distinct: 2,
          distinctIsExact: true,
          min: 0.5,
          max: 2,
          mean: 1.25,
        },
      ],
    });
  });

  test.each([
    ["no byte at all", "", []],
    ["a header only", "a,b\n", ["a: empty null..null", "b: empty null..null"]],
    ["no line break at the end", "a\n1\n2", ["a: integer 1..2"]],
    ["CRLF", "a,b\r\n1,x\r\n2,y\r\n", ["a: integer 1..2", "b: string x..y"]],
    ["CR", "a,b\r1,x\r2,y\r", ["a: integer 1..2", "b: string x..y"]],
    ["mixed line ends", "a,b\r\n1,x\n2,y\n", ["a: integer 1..2", "b: string x..y"]],
    ["a byte order mark", "\uFEFFa,b\n1,2\n", ["a: integer 1..1", "b: integer 2..2"]],
    ["a byte order mark before a quote", '\uFEFF"a",b\n1,2\n', ["a: integer 1..1", "b: integer 2..2"]],
    ["a byte order mark only", "\uFEFF", []],
    ["empty lines", "a,b\n\n1,2\n\n\n3,4\n\n", ["a: integer 1..3", "b: integer 2..4"]],
    ["quotes around separators", 'a,b\n"1,5","x\ny"\n', ["a: string 1,5..1,5", "b: string x\ny..x\ny"]],
    ["doubled quotes", 'a\n"say ""hi"""\n', ['a: string say "hi"..say "hi"']],
    ["white space around fields", "a , b\n 1 ,\t2\n 3 , 4 \n", ["a: integer 1..3", "b: integer 2..4"]],
    [
      "duplicate names",
      "a,a,a_2,a\n1,2,3,4\n",
      ["a: integer 1..1", "a_3: integer 2..2", "a_2: integer 3..3", "a_4: integer 4..4"],
    ],
    [
      "missing names",
      "a,,\n1,2,3\n",
      ["a: integer 1..1", "column_2: integer 2..2", "column_3: integer 3..3"],
    ],
    [
      "names of object internals",
      "__proto__,constructor\n1,2\n",
      ["__proto__: integer 1..1", "constructor: integer 2..2"],
    ],
    ["NUL characters", "a\0b\nx\0y\n", ["a\uFFFDb: string x\uFFFDy..x\uFFFDy"]],
  ])("with %s", async (_, content, expected) => {
    await expect(folder.outline(content)).resolves.toEqual(expected);
  });

  test("without a header has numbered columns", async () => {
    await expect(folder.outline("1,x\n2,y\n", { header: false })).resolves.toEqual([
      "column_1: integer 1..2",
      "column_2: string x..y",
    ]);
  });

  test.each([";", "\t", "|", " ", "·"])("with %j between fields", async (delimiter) => {
    await expect(
      folder.outline(`a${delimiter}b\n1${delimiter}"x${delimiter}y"\n`, { delimiter }),
    ).resolves.toEqual(["a: integer 1..1", `b: string x${delimiter}y..x${delimiter}y`]);
  });

  test("may hold bytes that are not UTF-8", async () => {
    const content = Buffer.concat([
      Buffer.from("n\xE4me,b\n", "latin1"),
      Buffer.from("Gr\xFC\xDFe,1\n", "latin1"),
    ]);
    await expect(folder.outline(content)).resolves.toEqual([
      "n\uFFFDme: string Gr\uFFFD\uFFFDe..Gr\uFFFD\uFFFDe",
      "b: integer 1..1",
    ]);
  });

  test("keeps letters whole that lie across two blocks of reading", async () => {
    const content = `a\n${Array.from({ length: 40_000 }, () => "ä🌿").join("\n")}\n`;
    const { columns } = await folder.summarize(content);
    expect(columns[0]).toMatchObject({
      distinct: 1,
      distinctIsExact: true,
      min: "ä🌿",
      max: "ä🌿",
      count: 40_000,
    });
  });

  test("shows long strings shortened, and never half a letter", async () => {
    const { columns } = await folder.summarize(`a\n${"x".repeat(79)}🌿${"y".repeat(1000)}\n`);
    expect(columns[0]).toMatchObject({ min: "x".repeat(79), max: "x".repeat(79), distinct: 1 });
  });
});

describe("progress", () => {
  test("is reported by bytes up to the size of the file, and not more than some times a second", async () => {
    const { bytes } = await writeBigCsv(folder.at("big.csv"), 3_000_000);
    const { context, progress } = recordContext();
    const startedAt = performance.now();
    const { rows } = await runTask(summarizeCsv, { path: "big.csv" }, context);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(progress.length).toBeGreaterThanOrEqual(2);
    expect(progress.length).toBeLessThanOrEqual(2 + seconds * 4);
    expect(progress.map(({ current }) => current)).toEqual(
      progress.map(({ current }) => current).toSorted((a, b) => a - b),
    );
    expect(progress.every(({ total }) => total === bytes)).toBe(true);
    expect(progress.at(-1)).toEqual({ current: bytes, total: bytes, message: `${rows} rows` });
  });

  test("a file of several megabytes is summed up right", async () => {
    const big = await writeBigCsv(folder.at("big.csv"), 5_000_000);
    const { rows, bytes, columns } = await runTask(summarizeCsv, { path: "big.csv" });
    const column = (name: string) => columns.find((found) => found.name === name)!;
    expect({ rows, bytes }).toEqual({ rows: big.rows, bytes: big.bytes });
    expect(column("id")).toMatchObject({ type: "integer", min: 1, max: big.rows, mean: (big.rows + 1) / 2 });
    expect(column("country")).toMatchObject({
      type: "string",
      distinct: 7,
      distinctIsExact: true,
      min: "AT",
      max: "US",
    });
    expect(column("amount")).toMatchObject({
      type: "number",
      min: big.expected.amount.min,
      max: big.expected.amount.max,
    });
    expect(column("amount").mean).toBeCloseTo(big.expected.amount.mean, 9);
    expect(column("active")).toMatchObject({ type: "boolean", distinct: 2 });
    expect(column("created")).toMatchObject({
      type: "date",
      distinct: 365,
      min: "2025-01-01",
      max: "2025-12-31",
    });
    expect(column("note")).toMatchObject({
      empty: big.expected.emptyNotes,
      count: big.rows - big.expected.emptyNotes,
    });
  });
});

describe("cancellation", () => {
  test("stops the reading, with the reason of the cancellation", async () => {
    await writeBigCsv(folder.at("big.csv"), 20_000_000);
    const controller = new AbortController();
    const { context, progress } = recordContext({ signal: controller.signal });
    const running = runTask(
      summarizeCsv,
      { path: "big.csv" },
      {
        ...context,
        progress: (current, total) => {
          context.progress(current, total);
          controller.abort(new Error("cancelled by a user"));
        },
      },
    );
    await expect(running).rejects.toThrow("cancelled by a user");
    expect(progress).toHaveLength(1);
  });

  test("nothing is read when the task was cancelled before it began", async () => {
    const { context, progress } = recordContext({
      signal: AbortSignal.abort(new Error("cancelled by a user")),
    });
    await expect(folder.summarize("a\n1\n", {}, context)).rejects.toThrow("cancelled by a user");
    expect(progress).toEqual([]);
  });
});

test.each([
  [{ path: "" }, "input.path"],
  [{ path: "a.csv", delimiter: "" }, "input.delimiter: expected one character"],
  [{ path: "a.csv", delimiter: ",," }, "input.delimiter: expected one character"],
  [{ path: "a.csv", delimiter: '"' }, "input.delimiter: expected one character"],
  [{ path: "a.csv", delimiter: "\n" }, "input.delimiter: expected one character"],
  [{ path: "a.csv", distinctLimit: 0 }, "input.distinctLimit"],
  [{ path: "a.csv", distinctLimit: 100_001 }, "input.distinctLimit"],
  [{ path: "a.csv", distinctLimit: 1.5 }, "input.distinctLimit"],
])("input %j is refused by the schema", async (input, message) => {
  await expect(parseInput(summarizeCsv, input)).rejects.toThrow(message);
});
