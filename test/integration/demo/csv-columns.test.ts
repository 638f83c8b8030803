import { describe, expect, test } from "vitest";
import { useCsvFolder } from "./csv-folder.ts";

const folder = useCsvFolder();

describe("types", () => {
  test.each([
    ["integers", ["-5", "0", "9007199254740991"], "integer -5..9007199254740991"],
    ["integers beyond 2^53", ["1", "12345678901234567890"], "number 1..12345678901234567000"],
    ["integers and fractions", ["2", "0.5", ".25", "-1e3"], "number -1000..2"],
    ["numbers beyond all bounds", ["1e999", "2"], "string 1e999..2"],
    ["leading zeros, which are codes", ["00123", "456"], "string 00123..456"],
    ["plus signs, which are telephone numbers", ["+43123", "456"], "string +43123..456"],
    ["NaN and Infinity", ["NaN", "Infinity"], "string Infinity..NaN"],
    ["hexadecimals", ["0x10", "1"], "string 0x10..1"],
    ["booleans", ["True", "false"], "boolean false..true"],
    ["booleans of one value", ["TRUE", "true"], "boolean true..true"],
    ["booleans and numbers", ["true", "1"], "string 1..true"],
    ["days", ["2024-02-29", "0099-01-01"], "date 0099-01-01..2024-02-29"],
    ["days that never were", ["2023-02-29", "2024-01-01"], "string 2023-02-29..2024-01-01"],
    ["the 13th month", ["2024-13-01"], "string 2024-13-01..2024-13-01"],
    ["the century without a leap day", ["1900-02-29"], "string 1900-02-29..1900-02-29"],
    [
      "times in different zones, by the instant",
      ["2024-01-01T00:30:00+02:00", "2023-12-31 23:00:00Z", "2023-12-31T22:45"],
      "date 2024-01-01T00:30:00+02:00..2023-12-31 23:00:00Z",
    ],
    [
      "fractions of a second",
      ["2024-01-01T00:00:00.25Z", "2024-01-01T00:00:00.3Z"],
      "date 2024-01-01T00:00:00.25Z..2024-01-01T00:00:00.3Z",
    ],
    ["the 25th hour", ["2024-01-01T25:00"], "string 2024-01-01T25:00..2024-01-01T25:00"],
    ["dates and text", ["2024-01-01", "soon"], "string 2024-01-01..soon"],
  ])("%s", async (_, values, expected) => {
    const quoted = values.map((value) => `"${value}"\n`).join("");
    await expect(folder.outline(`a\n${quoted}`)).resolves.toEqual([`a: ${expected}`]);
  });
});

describe("the mean", () => {
  test.each([
    ["loses nothing to a large neighbour", ["1e16", "1", "-1e16", "1"], 0.5],
    [
      "keeps small differences of large numbers",
      Array.from({ length: 1000 }, (_, i) => `${1e9 + (i % 2)}`),
      1e9 + 0.5,
    ],
    ["of tenths is a tenth", Array.from({ length: 10_000 }, () => "0.1"), 0.1],
    [
      "of the largest numbers is finite",
      ["1.7976931348623157e308", "1.7976931348623157e308"],
      Number.MAX_VALUE,
    ],
    ["of opposites is zero", ["1.7976931348623157e308", "-1.7976931348623157e308"], 0],
  ])("%s", async (_, values, mean) => {
    const { columns } = await folder.summarize(`a\n${values.join("\n")}\n`);
    expect(columns[0]?.mean).toBe(mean);
  });
});

describe("distinct values", () => {
  const content = `a,b\n${Array.from({ length: 3000 }, (_, i) => `${i},${i % 1000}`).join("\n")}\n`;

  test("are counted up to the limit, and the result shows when there are more", async () => {
    const { columns } = await folder.summarize(content);
    expect(columns[0]).toMatchObject({ distinct: 1000, distinctIsExact: false, count: 3000 });
    expect(columns[1]).toMatchObject({ distinct: 1000, distinctIsExact: true, count: 3000 });
  });

  test("are counted further with a higher limit", async () => {
    const { columns } = await folder.summarize(content, { distinctLimit: 3000 });
    expect(columns[0]).toMatchObject({ distinct: 3000, distinctIsExact: true });
  });

  test("are distinguished at any length", async () => {
    const long = "x".repeat(5000);
    const { columns } = await folder.summarize(`a\n${long}1\n${long}2\n${long}1\n`);
    expect(columns[0]).toMatchObject({ distinct: 2, distinctIsExact: true });
  });
});
