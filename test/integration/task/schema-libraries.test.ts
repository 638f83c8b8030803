import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod3";
import { planInput } from "../../../src/graphql/typed/plan-input.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import type { Schema } from "../../../src/task/definition/schema.ts";
import { createTestApp } from "../../../src/testing.ts";
import { docExamples } from "../../support/doc-examples.ts";

const define = (schema: unknown) =>
  defineTask({ name: "lib.task", input: schema as Schema, run: (input) => input });

/** Each field's GraphQL type, by its name. */
function fieldTypes(schema: unknown): Record<string, string> {
  const plan = planInput("lib.task", define(schema).inputJsonSchema!);
  if (plan.kind !== "object") throw new Error(`The plan is ${plan.kind}.`);
  return Object.fromEntries(
    plan.object.fields.map(({ name, value, nullable }) => [
      name,
      (value.kind === "scalar" ? value.scalar : value.kind) + (nullable ? "" : "!"),
    ]),
  );
}

const WORKING: readonly (readonly [library: string, schema: unknown])[] = [
  [
    "zod 4",
    z.object({ name: z.string().min(1), times: z.int().min(1).max(10).default(3), kind: z.enum(["a", "b"]) }),
  ],
  [
    "valibot with its adapter",
    toStandardJsonSchema(
      v.object({
        name: v.pipe(v.string(), v.minLength(1)),
        times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 3),
        kind: v.picklist(["a", "b"]),
      }),
    ),
  ],
  ["arktype", type({ name: "string > 0", times: "1 <= number.integer <= 10 = 3", kind: "'a' | 'b'" })],
];

describe.each(WORKING)("%s", (_library, schema) => {
  test("makes the types of the mutation", () => {
    expect(fieldTypes(schema)).toMatchObject({ name: "String!", kind: "enum!" });
    expect(fieldTypes(schema)["times"]).toMatch(/^Int/);
  });

  test("checks the input of a caller, and sets its defaults", async () => {
    const task = define(schema);
    await using app = await createTestApp({ tasks: [task] });
    expect(await app.perform(task, { name: "Ada", kind: "a" })).toEqual({ name: "Ada", kind: "a", times: 3 });
    await expect(app.enqueue(task, { name: "", kind: "a" })).rejects.toMatchObject({
      issues: [{ path: expect.arrayContaining(["args", "name"]) as unknown }],
    });
  });
});

describe("an invalid definition is refused with the remedy", () => {
  test.each<[what: string, schema: unknown, message: RegExp]>([
    ["zod 3", z3.object({ name: z3.string() }), /zod does since 4\.2: npm install zod@4/],
    [
      "valibot alone",
      v.object({ name: v.string() }),
      /toStandardJsonSchema\(schema\) of @valibot\/to-json-schema: npm install/,
    ],
    [
      "no schema",
      { type: "object" },
      /needs "~standard"\.jsonSchema of Standard Schema\. zod 4 and arktype 2/,
    ],
    [
      "z.date()",
      z.object({ trip: z.object({ stops: z.array(z.object({ at: z.date().optional() })) }) }),
      /input\.trip\.stops\[\]\.at: expected a type that JSON has, got "date"\. Use a string, such as z\.iso\.datetime\(\)/,
    ],
    ["z.coerce.date()", z.object({ at: z.coerce.date() }), /input\.at: .* got "date"/],
    ["z.bigint()", z.object({ n: z.bigint().nullable() }), /input\.n: .* got "bigint"\. Use an integer/],
    ["z.map()", z.object({ m: z.map(z.string(), z.int()) }), /input\.m: .* got "map"\. Use an object/],
    ["z.custom()", z.object({ c: z.union([z.string(), z.custom(() => true)]) }), /input\.c: .* got "custom"/],
    [
      "v.date()",
      toStandardJsonSchema(v.object({ trip: v.object({ at: v.date() }) })),
      /input\.trip\.at: .* got "date"\. Use a string/,
    ],
    ["arktype's Date", type({ trip: { at: "Date" } }), /input\.trip\.at: .* got "date"\. Use a string/],
    ["arktype's bigint", type({ n: "bigint[]" }), /input\.n\[\]: .* got "bigint"/],
  ])("%s", (_what, schema, message) => {
    expect(() => define(schema)).toThrow(message);
  });

  test("of two positions, both are named", () => {
    expect(() => define(z.object({ a: z.date(), b: z.set(z.string()) }))).toThrow(
      /input\.a: .* got "date".*input\.b: .* got "set"\. Use an array/,
    );
  });
});

test("the first example of the README and of docs/tasks.md gives Int", async () => {
  const [hello, options] = await Promise.all([docExamples("README.md"), docExamples("docs/tasks.md")]);
  await using _examples = hello;
  await using _others = options;
  const { greet } = await hello.load<{ greet: AnyTaskDefinition }>("hello.tasks.ts");
  const { resize } = await options.load<{ resize: AnyTaskDefinition }>("options.tasks.ts");
  expect(fieldTypes(greet.inputSchema)["times"]).toBe("Int");
  expect(fieldTypes(resize.inputSchema)["width"]).toBe("Int!");
});

test("an integer is an Int where its bounds fit, and a BigInt where larger ones are allowed", () => {
  expect(
    fieldTypes(
      z.object({ bounded: z.int().min(1).max(10), int32: z.int32(), any: z.int(), upward: z.int().min(1) }),
    ),
  ).toEqual({ bounded: "Int!", int32: "Int!", any: "BigInt!", upward: "BigInt!" });
});
