import { type GraphQLScalarType, parseValue } from "graphql";
import { expect, test } from "vitest";
import { TIMESTAMP_RULE } from "../../../src/lib/timestamp.ts";
import {
  BigIntScalar,
  DateTimeScalar,
  DurationScalar,
  JsonObjectScalar,
  JsonScalar,
  TimeZoneScalar,
  writtenDateTime,
} from "../../../src/graphql/scalars.ts";

const literal = (scalar: GraphQLScalarType, text: string, variables = {}): unknown =>
  scalar.parseLiteral(parseValue(text), variables);

test("a DateTime needs a zone and must exist; it is printed in UTC with milliseconds", () => {
  const date = DateTimeScalar.parseValue("2026-05-01T09:00:00+02:00");
  expect(DateTimeScalar.serialize(date)).toBe("2026-05-01T07:00:00.000Z");
  expect(writtenDateTime(date)).toBe("2026-05-01T09:00:00+02:00");
  expect(literal(DateTimeScalar, '"2028-02-29T23:59:59.123456Z"')).toBeInstanceOf(Date);
  for (const wrong of [
    "2026-05-01T09:00:00",
    "tomorrow",
    "2026-05-01",
    "2026-02-30T00:00:00Z",
    "2026-05-01T25:00:00Z",
    "0001-01-01T00:00:00+08:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "",
    5,
    null,
  ]) {
    expect(() => DateTimeScalar.parseValue(wrong), String(wrong)).toThrow(
      "DateTime: expected a timestamp with a time zone (ISO 8601), from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, got ",
    );
  }
  expect(() => DateTimeScalar.parseValue("tomorrow")).toThrow(
    'to 9999-12-31T23:59:59.999Z, got "tomorrow". For example "2026-05-01T09:00:00Z".',
  );
});

test("a Duration is ISO 8601 in output, and also accepts short forms", () => {
  expect(DurationScalar.serialize(5_400_000)).toBe("PT1H30M");
  const read = ["PT1H30M", "90m", "5400s", 5_400_000, "5400000"].map((text) =>
    DurationScalar.parseValue(text),
  );
  expect(new Set(read)).toEqual(new Set([5_400_000]));
  expect(literal(DurationScalar, "1500")).toBe(1_500);
  for (const wrong of [-5, "-5s", "soon", 1.5, "P1M", true]) {
    expect(() => DurationScalar.parseValue(wrong), String(wrong)).toThrow(
      "Duration: expected a duration such as",
    );
  }
});

test("a BigInt is whole and within the range of JSON", () => {
  expect(BigIntScalar.serialize(5_000_000_000)).toBe(5_000_000_000);
  expect(BigIntScalar.parseValue("-9007199254740991")).toBe(-9_007_199_254_740_991);
  expect(literal(BigIntScalar, "5000000000")).toBe(5_000_000_000);
  for (const wrong of [2 ** 53, "9007199254740993", 1.5, "1e3", ""]) {
    expect(() => BigIntScalar.parseValue(wrong), String(wrong)).toThrow("BigInt: expected an integer");
  }
});

test("a TimeZone is one that the system knows", () => {
  expect(TimeZoneScalar.parseValue("Asia/Shanghai")).toBe("Asia/Shanghai");
  expect(() => TimeZoneScalar.parseValue("Europe/Wien")).toThrow(
    'TimeZone: expected the IANA name of a time zone, got "Europe/Wien".',
  );
});

test("JSON accepts literals with variables in them; bare words are a mistake", () => {
  const given = literal(JsonScalar, "{a: [1, 2.5, $x, $gone], b: {c: null, d: true}, e: $gone}", { x: "v" });
  expect(given).toEqual({ a: [1, 2.5, "v", null], b: { c: null, d: true } });
  expect(() => literal(JsonScalar, "{a: FOO}")).toThrow(
    "JSON: expected a JSON value, got a bare word. Write the word in quotes.",
  );
  expect(literal(JsonScalar, "[1152921504606846976, 6.022e23]")).toEqual([2 ** 60, 6.022e23]);
  expect(() => literal(JsonScalar, "[1152921504606846977]")).toThrow(
    "JSON: expected a number that JavaScript can represent, got one with too many digits. Send it as a string.",
  );
  expect(() => literal(JsonObjectScalar, "[1]")).toThrow("JSONObject: expected a JSON object, got an array.");
});

test("a long value is cut in messages", () => {
  const message = (() => {
    try {
      return DateTimeScalar.parseValue("x".repeat(5_000)) && "";
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message.length - TIMESTAMP_RULE.length).toBeLessThan(200);
});

test("a literal that cannot be read is reported with its position in the document", () => {
  const read = (): unknown => literal(DurationScalar, ' "soon"');
  expect(read).toThrow(expect.objectContaining({ locations: [{ line: 1, column: 2 }] }));
});
