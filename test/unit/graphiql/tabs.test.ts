import { parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { exampleTabs } from "../../../src/graphiql/tabs.ts";
import { buildLovageSchema } from "../../../src/graphql/schema.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { Registry } from "../../../src/task/definition/registry.ts";

const run = (): number => 1;
const define = (name: string, input: z.ZodType): AnyTaskDefinition =>
  defineTask({ name, input, run }) as AnyTaskDefinition;

/**
 * The tabs of a project, as its server's definitions make them; what its schema has against them.
 */
function tabsOf(definitions: readonly AnyTaskDefinition[]) {
  const schema = buildLovageSchema(
    new Registry(definitions.map((definition) => ({ definition, file: null }))),
  );
  const tabs = exampleTabs(
    definitions.map(({ name, mutationField, inputJsonSchema }) => ({
      name,
      mutationField,
      inputSchema: inputJsonSchema,
    })),
  );
  const problems = tabs.flatMap(({ query }) => validate(schema, parse(query)).map(({ message }) => message));
  return { text: tabs.map(({ query }) => query).join("\n"), problems };
}

const INPUTS: readonly (readonly [what: string, input: z.ZodType, literal: string])[] = [
  ["numbers", z.object({ x: z.number(), y: z.int().min(5), z: z.int().max(-2) }), "{ x: 1, y: 5, z: -2 }"],
  [
    "only what is required",
    z.object({ a: z.boolean(), b: z.string().optional(), c: z.int().default(3) }),
    "{ a: true }",
  ],
  [
    "a union of objects that a constant distinguishes",
    z.object({
      paid: z.discriminatedUnion("by", [
        z.object({ by: z.literal("bank-transfer"), iban: z.string() }),
        z.object({ by: z.literal("card"), number: z.string() }),
      ]),
    }),
    '{ paid: { bank_transfer: { iban: "example" } } }',
  ],
  [
    "nested objects and lists",
    z.object({
      to: z.object({ mail: z.email() }),
      tags: z.array(z.string()),
      min: z.array(z.int32()).min(1),
    }),
    '{ to: { mail: "ada@example.org" }, tags: [], min: [1] }',
  ],
  ["values of enums by their names", z.object({ kind: z.enum(["b-c", "d"]) }), "{ kind: b_c }"],
  ["a union, which is JSON", z.object({ v: z.union([z.int(), z.boolean()]) }), "{ v: 1 }"],
  [
    "a time, an id and a long string",
    z.object({ at: z.iso.datetime(), id: z.uuid(), s: z.string().min(9) }),
    '{ at: "2030-05-01T09:00:00Z", id: "00000000-0000-4000-8000-000000000000", s: "example.." }',
  ],
  ["a nullable value", z.object({ n: z.string().nullable(), m: z.int32() }), '{ n: "example", m: 1 }'],
];

describe("the tabs belong to the project", () => {
  test.each(INPUTS)("with %s", (_what, input, literal) => {
    const { text, problems } = tabsOf([define("shop.order", input)]);
    expect(problems).toEqual([]);
    expect(text).toContain(`enqueueShopOrder(input: ${literal}) {`);
    expect(text).toContain(`enqueueShopOrder(input: ${literal}, options: { delay: "5s" }) {`);
    expect(text).toContain('taskName: "shop.order"');
    expect(text).not.toMatch(/demo/i);
  });

  test("the example is the task whose input needs the least guessing", () => {
    const { text } = tabsOf([
      define("a.mail", z.object({ subject: z.string() })),
      define("b.add", z.object({ x: z.int32() })),
      define("c.add", z.object({ x: z.int32() })),
    ]);
    expect(text).toContain("enqueueBAdd(input: { x: 1 })");
  });

  test.each<[what: string, definitions: readonly AnyTaskDefinition[], call: string]>([
    ["without input", [define("shop.close", z.object({}))], "enqueueShopClose {"],
    [
      "without an input schema",
      [defineTask({ name: "shop.any", run }) as AnyTaskDefinition],
      'enqueueTask(input: { name: "shop.any", args: {} }) {',
    ],
    ["of no project at all", [], 'enqueueTask(input: { name: "your.task", args: {} }) {'],
  ])("a task %s", (_what, definitions, call) => {
    const { text, problems } = tabsOf(definitions);
    expect(problems).toEqual([]);
    expect(text).toContain(call);
  });
});

test("a server that requires its token gets tabs that name nothing of a project", () => {
  expect(exampleTabs(null)[0]!.query).toContain('enqueueTask(input: { name: "your.task", args: {} })');
});
