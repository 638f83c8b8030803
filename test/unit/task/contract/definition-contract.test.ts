import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../../../src/lib/json/json.ts";
import { inputBreaks } from "../../../../src/task/contract/compare-schemas.ts";
import { contractBreaks, contractOf } from "../../../../src/task/contract/definition-contract.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { Schema } from "../../../../src/task/definition/schema.ts";

const Tree: z.ZodType = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

function breaks(side: "input" | "output", before: Schema | undefined, after: Schema | undefined): string[] {
  const contract = (schema: Schema | undefined) =>
    contractOf(
      defineTask({ name: "mail.send", ...(schema && { [side]: schema }), run: () => null as never }),
    );
  return contractBreaks(contract(before), contract(after)).map(
    ({ affects, path, what }) => `${affects} ${path}: ${what}`,
  );
}

/** A tree whose nodes refer to their own schema twice, and to another that refers back. */
function binaryTree(value: z.ZodType): z.ZodType {
  const Node: z.ZodType = z.object({
    value,
    get left() {
      return Node.optional();
    },
    get right() {
      return Node.optional();
    },
    get label() {
      return z.object({ of: z.array(Node) }).optional();
    },
  });
  return Node;
}

/** A schema of 2^30 paths: each level uses the next one twice. */
function doubling(leaf: z.ZodType): z.ZodType {
  let level = leaf;
  for (let depth = 0; depth < 30; depth += 1)
    level = z.object({ a: level, b: level }).meta({ id: `level${depth}` });
  return level;
}

const mail = { to: z.email(), subject: z.string() };

describe("an input", () => {
  test.each<[string, Schema, Schema, string[]]>([
    [
      "a new required field",
      z.object(mail),
      z.object({ ...mail, from: z.string() }),
      ["callers args.from: the field is required"],
    ],
    [
      "an optional field that is required",
      z.object({ a: z.string().optional() }),
      z.object({ a: z.string() }),
      ["callers args.a: the field is required"],
    ],
    [
      "a removed field",
      z.object(mail),
      z.object({ to: z.email() }),
      ["callers args.subject: the field was removed"],
    ],
    [
      "another type",
      z.object({ id: z.string() }),
      z.object({ id: z.number() }),
      ["callers args.id: was string, is number"],
    ],
    [
      "an integer",
      z.object({ n: z.number() }),
      z.object({ n: z.int() }),
      ["callers args.n: was number, is integer"],
    ],
    [
      "null is refused",
      z.object({ a: z.string().nullable() }),
      z.object({ a: z.string() }),
      ["callers args.a: was string or null, is string"],
    ],
    [
      "a value of an enum",
      z.object({ a: z.enum(["x", "y"]) }),
      z.object({ a: z.enum(["x", "z"]) }),
      ['callers args.a: the value "y" is refused'],
    ],
    [
      "a string that becomes an enum",
      z.object({ a: z.string() }),
      z.object({ a: z.enum(["x"]) }),
      ['callers args.a: was string, is "x"'],
    ],
    [
      "a tighter limit",
      z.object({ a: z.string().max(9) }),
      z.object({ a: z.string().min(1).max(5) }),
      ["callers args.a: minLength is 1", "callers args.a: maxLength was 9, is 5"],
    ],
    [
      "a format",
      z.object({ a: z.string() }),
      z.object({ a: z.email() }),
      ['callers args.a: format is "email"'],
    ],
    [
      "items",
      z.array(z.object({ a: z.string() })),
      z.array(z.object({ a: z.number() })),
      ["callers args.*.a: was string, is number"],
    ],
    [
      "values of a record",
      z.record(z.string(), z.string()),
      z.record(z.string(), z.number()),
      ["callers args.*: was string, is number"],
    ],
    [
      "other keys",
      z.looseObject({ a: z.string() }),
      z.object({ a: z.string() }),
      ["callers args.*: other fields are refused"],
    ],
    [
      "a member of a union",
      z.union([z.string(), z.object({ a: z.string() })]),
      z.union([z.string(), z.object({ a: z.number() })]),
      ["callers args.a: was string, is number"],
    ],
    [
      "a recursive schema",
      Tree,
      z.object({ name: z.string(), children: z.array(z.object({ name: z.number() })) }),
      [
        "callers args.children.*.name: was string, is number",
        "callers args.children.*.children: the field was removed",
      ],
    ],
  ])("%s breaks its callers", (_, before, after, expected) => {
    expect(breaks("input", before, after)).toEqual(expected);
  });

  test.each<[string, Schema, Schema]>([
    ["equal schemas", z.object(mail), z.object(mail)],
    ["an equal recursive schema", Tree, Tree],
    ["a new optional field", z.object(mail), z.object({ ...mail, from: z.string().optional() })],
    ["a new field with a default", z.object(mail), z.object({ ...mail, from: z.string().default("a") })],
    [
      "a required field that is optional",
      z.object(mail),
      z.object({ to: z.email(), subject: z.string().optional() }),
    ],
    ["a wider type", z.object({ a: z.int() }), z.object({ a: z.union([z.number(), z.string()]) })],
    ["a new value of an enum", z.object({ a: z.enum(["x"]) }), z.object({ a: z.enum(["x", "y"]) })],
    ["a literal that becomes a string", z.object({ a: z.literal("x") }), z.object({ a: z.string() })],
    ["a wider limit", z.object({ a: z.string().max(5) }), z.object({ a: z.string().max(9) })],
    ["a field that any key could hold", z.object({ a: z.string() }), z.looseObject({})],
  ])("%s breaks no caller", (_, before, after) => {
    expect(breaks("input", before, after)).toEqual([]);
  });

  test("without a schema, the typed mutation is gone; with a new schema, other JSON is refused", () => {
    expect(breaks("input", z.object(mail), undefined)).toEqual([
      "callers mutation: enqueueMailSend was removed",
    ]);
    expect(breaks("input", undefined, z.object(mail))).toEqual(["callers args: was any JSON, is object"]);
  });
});

describe("an output", () => {
  test.each<[string, Schema, Schema, string[]]>([
    [
      "a removed field",
      z.object({ a: z.string(), b: z.string() }),
      z.object({ a: z.string() }),
      ["readers output.b: the field was removed"],
    ],
    [
      "a field that may be absent",
      z.object({ a: z.string() }),
      z.object({ a: z.string().optional() }),
      ["readers output.a: the field may be absent"],
    ],
    [
      "null",
      z.object({ a: z.string() }),
      z.object({ a: z.string().nullable() }),
      ["readers output.a: was string, is string or null"],
    ],
    [
      "a new value",
      z.object({ a: z.enum(["x"]) }),
      z.object({ a: z.enum(["x", "y"]) }),
      ['readers output.a: the value "y" is new'],
    ],
    [
      "a wider type",
      z.object({ a: z.int() }),
      z.object({ a: z.number() }),
      ["readers output.a: was integer, is number"],
    ],
  ])("%s breaks its readers", (_, before, after, expected) => {
    expect(breaks("output", before, after)).toEqual(expected);
  });

  test.each<[string, Schema, Schema]>([
    ["a new field", z.object({ a: z.string() }), z.object({ a: z.string(), b: z.string() })],
    ["a narrower type", z.object({ a: z.number() }), z.object({ a: z.int() })],
    ["another limit", z.object({ a: z.string().max(5) }), z.object({ a: z.string() })],
  ])("%s breaks no caller", (_, before, after) => {
    expect(breaks("output", before, after)).toEqual([]);
  });
});

describe("a recursive schema", () => {
  test("has each change once", () => {
    const [before, after] = [binaryTree(z.int32()), binaryTree(z.int32().min(5))];
    expect(breaks("input", before, before)).toEqual([]);
    expect(breaks("input", before, after)).toEqual(["callers args.value: minimum was -2147483648, is 5"]);
  });

  test("that uses its parts many times is compared once for each part", () => {
    const schemaOf = (leaf: z.ZodType) => z.toJSONSchema(doubling(leaf)) as JsonObject;
    const found = inputBreaks(schemaOf(z.string()), schemaOf(z.number()));
    expect(found).toHaveLength(100);
    expect(found[0]).toMatchObject({ what: "was string, is number" });
  });
});
