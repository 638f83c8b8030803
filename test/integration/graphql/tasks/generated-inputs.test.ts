import { GraphQLInputObjectType, printType } from "graphql";
import { describe, expect, test } from "vitest";
import { z, type ZodType } from "zod";
import { createContextFactory } from "../../../../src/graphql/context.ts";
import { isSensitiveField } from "../../../../src/graphql/sensitive-fields.ts";
import { buildLovageSchema } from "../../../../src/graphql/schema.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { Json } from "../../../../src/lib/json/json.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";
import { Client, type Result } from "../api.ts";

function define(input: ZodType, name = "my.task") {
  return defineTask({ name, input, run: () => null });
}

function registryOf(...definitions: readonly ReturnType<typeof define>[]): Registry {
  return new Registry(definitions.map((definition) => ({ definition, file: null })));
}

/** The fields of an input type as SDL, without descriptions. */
function fieldsOf(input: ZodType, typeName = "MyTaskInput"): string[] {
  const type = buildLovageSchema(registryOf(define(input))).getType(typeName);
  if (!(type instanceof GraphQLInputObjectType)) throw new Error(`There is no input ${typeName}.`);
  const lines = printType(type).split("\n").slice(1, -1);
  return lines.map((line) => line.trim()).filter((line) => /^\w+: \S+/.test(line) && !line.startsWith('"'));
}

/** What reaches the enqueuer from a mutation. */
async function sent(
  input: ZodType,
  mutation: string,
  variables = {},
): Promise<{ args: Json[]; result: Result }> {
  const registry = registryOf(define(input));
  const args: Json[] = [];
  const enqueuer = {
    enqueueMany: async (requests: readonly { readonly args?: Json }[]) => {
      args.push(...requests.map((request) => request.args!));
      return [];
    },
  };
  const createContext = createContextFactory({ registry, enqueuer } as never);
  const client = new Client(buildLovageSchema(registry), () =>
    createContext({ requestId: "1", actor: null }),
  );
  return { result: await client.run(mutation, variables), args };
}

describe("types", () => {
  test("objects, nesting, lists, optional, nullable and defaults", () => {
    const address = z.object({ street: z.string(), zip: z.string().nullable() });
    const input = z.object({
      to: z.string(),
      cc: z.array(z.string()).optional(),
      scores: z.array(z.number().nullable()),
      grid: z.array(z.array(z.boolean())),
      address,
      others: z.array(address).nullable(),
      body: z.string().default("none"),
      tags: z.array(z.string()).default(["a", "b"]),
      size: z.object({ width: z.int32().default(3) }).default({ width: 4 }),
    });
    expect(fieldsOf(input)).toEqual([
      "to: String!",
      "cc: [String!]",
      "scores: [Float]!",
      "grid: [[Boolean!]!]!",
      "address: MyTaskAddressInput!",
      "others: [MyTaskOthersInput!]",
      'body: String = "none"',
      'tags: [String!] = ["a", "b"]',
      "size: MyTaskSizeInput = {width: 4}",
    ]);
    expect(fieldsOf(input, "MyTaskAddressInput")).toEqual(["street: String!", "zip: String"]);
    expect(fieldsOf(input, "MyTaskSizeInput")).toEqual(["width: Int = 3"]);
  });

  test("numbers are Int only where 32 bits hold every value", () => {
    const input = z.object({
      any: z.int(),
      small: z.int32(),
      percent: z.int().min(0).max(100),
      open: z.int().min(0),
      edge: z.int().gt(-2147483649).lt(2147483648),
      beyond: z.int().min(0).max(2147483648),
      float: z.number().min(0).max(1),
      level: z.literal([1, 2, 3]),
    });
    expect(fieldsOf(input)).toEqual([
      "any: BigInt!",
      "small: Int!",
      "percent: Int!",
      "open: BigInt!",
      "edge: Int!",
      "beyond: BigInt!",
      "float: Float!",
      "level: Int!",
    ]);
  });

  test("formats of strings", () => {
    const input = z.object({
      mail: z.email(),
      id: z.uuid(),
      at: z.iso.datetime(),
      day: z.iso.date(),
      local: z.iso.datetime({ local: true }),
      from: z.iso.datetime().default("2026-05-01T09:00:00Z"),
    });
    expect(fieldsOf(input)).toEqual([
      "mail: String!",
      "id: ID!",
      "at: DateTime!",
      "day: String!",
      "local: String!",
      'from: DateTime = "2026-05-01T09:00:00Z"',
    ]);
  });

  test("schemas that GraphQL's types cannot express are JSON, with the schema in the description", () => {
    interface Node {
      readonly value: string;
      readonly children: readonly Node[];
    }
    const node: ZodType<Node> = z.object({
      value: z.string(),
      get children() {
        return z.array(node);
      },
    }) as never;
    const input = z.object({
      record: z.record(z.string(), z.int()),
      union: z.union([z.string(), z.int()]),
      maybe: z.union([z.string(), z.int()]).nullable(),
      tuple: z.tuple([z.string(), z.int()]),
      any: z.any(),
      unknown: z.unknown(),
      nothing: z.null(),
      empty: z.object({}),
      loose: z.looseObject({ a: z.string() }),
      rows: z.array(z.record(z.string(), z.string())),
      tree: node,
      settings: z.record(z.string(), z.int()).default({ a: 1 }),
      anyDefault: z.unknown().default([1]),
    });
    expect(fieldsOf(input)).toEqual([
      "record: JSON!",
      "union: JSON!",
      "maybe: JSON",
      "tuple: JSON!",
      "any: JSON",
      "unknown: JSON",
      "nothing: JSON",
      "empty: JSON!",
      "loose: JSON!",
      "rows: [JSON!]!",
      "tree: MyTaskTreeInput!",
      "settings: JSON",
      "anyDefault: JSON",
    ]);
    expect(fieldsOf(input, "MyTaskTreeInput")).toEqual(["value: String!", "children: [JSON!]!"]);
    const type = buildLovageSchema(registryOf(define(input))).getType(
      "MyTaskInput",
    ) as GraphQLInputObjectType;
    expect(type.getFields()["union"]!.description).toMatch(/^JSON Schema: {"anyOf":\[{"type":"string"}/);
    expect(type.getFields()["settings"]!.description).toMatch(/^JSON Schema: .* Default: {"a":1}\.$/);
  });

  test("unions of objects that a constant distinguishes are inputs with one of several fields", async () => {
    const paid = z.discriminatedUnion("by", [
      z.object({ by: z.literal("card"), number: z.string().meta({ sensitive: true }), on: z.iso.datetime() }),
      z.object({ by: z.literal("bank-transfer"), iban: z.string().length(4) }),
    ]);
    const bare = z.discriminatedUnion("by", [
      z.object({ by: z.literal("card"), number: z.string() }),
      z.object({ by: z.literal("cash") }),
    ]);
    const input = z.object({
      paid: z.array(paid),
      before: paid.default({ by: "bank-transfer", iban: "AT12" }),
      bare: bare.optional(),
    });
    expect(fieldsOf(input)).toEqual(["paid: [MyTaskPaidInput!]!", "before: MyTaskBeforeInput", "bare: JSON"]);
    expect(fieldsOf(input, "MyTaskPaidInput")).toEqual([
      "card: MyTaskPaidCardInput",
      "bank_transfer: MyTaskPaidBankTransferInput",
    ]);
    expect(fieldsOf(input, "MyTaskPaidCardInput")).toEqual(["number: String!", "on: DateTime!"]);
    const schema = buildLovageSchema(registryOf(define(input)));
    const union = schema.getType("MyTaskPaidInput") as GraphQLInputObjectType;
    expect(union.isOneOf).toBe(true);
    const card = schema.getType("MyTaskPaidCardInput") as GraphQLInputObjectType;
    expect(isSensitiveField(card.getFields()["number"])).toBe(true);
    const { args } = await sent(
      input,
      `mutation { enqueueMyTask(input: { paid: [
         { card: { number: "4111", on: "2026-05-01T09:00:00Z" } }, { bank_transfer: { iban: "AT34" } }
       ] }) { errors { message } } }`,
    );
    expect(args).toStrictEqual([
      {
        paid: [
          { by: "card", number: "4111", on: "2026-05-01T09:00:00Z" },
          { by: "bank-transfer", iban: "AT34" },
        ],
      },
    ]);
    const both = `mutation { enqueueMyTask(input: { paid: [{ card: { number: "4111", on: "2026-05-01T09:00:00Z" }, bank_transfer: { iban: "AT34" } }] }) { errors { message } } }`;
    expect((await sent(input, both)).result.errors![0]!.message).toContain("exactly one key");
  });

  test("references without a cycle are followed", () => {
    const address = z.object({ street: z.string() }).meta({ id: "Address", description: "Where." });
    const input = z.object({ home: address, work: address.optional().describe("Where by day.") });
    expect(fieldsOf(input)).toEqual(["home: MyTaskHomeInput!", "work: MyTaskWorkInput"]);
    const type = buildLovageSchema(registryOf(define(input))).getType(
      "MyTaskInput",
    ) as GraphQLInputObjectType;
    expect(type.getFields()["home"]!.description).toBe("Where.");
    expect(type.getFields()["work"]!.description).toBe("Where by day.");
  });

  test("properties named like methods of every object are fields like any other", () => {
    expect(fieldsOf(z.object({ toString: z.string(), valueOf: z.string().optional() }))).toEqual([
      "toString: String!",
      "valueOf: String",
    ]);
  });
});

describe("values", () => {
  test("reach the task as the caller wrote them", async () => {
    const input = z.object({
      at: z.iso.datetime({ offset: true }),
      count: z.int(),
      mode: z.enum(["fast", "b-c", "1x"]),
      nested: z.object({ list: z.array(z.object({ on: z.iso.datetime() })) }),
      any: z.unknown(),
      note: z.string().nullish(),
      absent: z.string().optional(),
    });
    const { args, result } = await sent(
      input,
      `mutation ($any: JSON) { enqueueMyTask(input: {
         at: "2026-05-01T09:00:00+02:00", count: 5000000000, mode: b_c, note: null,
         nested: { list: [{ on: "2026-05-01T09:00:00.5Z" }] }, any: { deep: [1, { x: $any }] }
       }) { errors { message } } }`,
      { any: { k: "v" } },
    );
    expect(result.errors).toBeUndefined();
    expect(args).toStrictEqual([
      {
        at: "2026-05-01T09:00:00+02:00",
        count: 5_000_000_000,
        mode: "b-c",
        nested: { list: [{ on: "2026-05-01T09:00:00.5Z" }] },
        any: { deep: [1, { x: { k: "v" } }] },
        note: null,
      },
    ]);
  });

  test("come the same way from variables", async () => {
    const input = z.object({
      at: z.iso.datetime(),
      mode: z.enum(["1x"]),
      count: z.int(),
      rest: z.record(z.string(), z.int()),
    });
    const mutation = `mutation ($input: MyTaskInput!) { enqueueMyTask(input: $input) { errors { message } } }`;
    const variables = {
      input: { at: "2026-05-01T09:00:00Z", mode: "_1x", count: "9007199254740991", rest: { a: 1 } },
    };
    const { args } = await sent(input, mutation, variables);
    expect(args).toStrictEqual([
      { at: "2026-05-01T09:00:00Z", mode: "1x", count: 9_007_199_254_740_991, rest: { a: 1 } },
    ]);
  });

  test("an input that asks for nothing need not be given; one without fields cannot be", async () => {
    const optional = await sent(
      z.object({ seconds: z.number().default(5) }),
      "mutation { enqueueMyTask { errors { message } } }",
    );
    expect(optional.args).toStrictEqual([{}]);
    const none = await sent(
      z.object({}),
      'mutation { enqueueMyTask(options: { queue: "q" }) { errors { message } } }',
    );
    expect(none.args).toStrictEqual([{}]);
  });

  test("a record as a whole is taken as a JSON object", async () => {
    const mutation = `mutation { enqueueMyTask(input: { a: 1, __proto__: 2 }) { errors { message } } }`;
    const { args } = await sent(z.record(z.string(), z.int()), mutation);
    expect(Object.entries(args[0] as object)).toEqual([
      ["a", 1],
      ["__proto__", 2],
    ]);
    const refused = await sent(
      z.record(z.string(), z.int()),
      "mutation { enqueueMyTask(input: [1]) { errors { message } } }",
    );
    expect(refused.result.errors![0]!.message).toContain("JSONObject: expected a JSON object, got an array.");
  });

  test("integers that JSON cannot carry are refused with the value", async () => {
    const mutation = "mutation { enqueueMyTask(input: { n: 9007199254740993 }) { errors { message } } }";
    const { result } = await sent(z.object({ n: z.int() }), mutation);
    expect(result.errors![0]!.message).toContain(
      "BigInt: expected an integer from -9007199254740991 to 9007199254740991",
    );
  });
});

describe("enums", () => {
  const valuesOf = (values: readonly [string, ...string[]]): unknown => {
    const type = buildLovageSchema(registryOf(define(z.object({ mode: z.enum(values) })))).getType(
      "MyTaskModeEnum",
    );
    return (
      type &&
      printType(type)
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /^\w+$/.test(line))
    );
  };

  test("values that are not GraphQL names get one", () => {
    expect(valuesOf(["plain", "b-c", "1x", "a b", "true", "__x"])).toEqual([
      "plain",
      "b_c",
      "_1x",
      "a_b",
      "_true",
      "_x",
    ]);
  });

  test("where two values would get one name, or a value has none, the field is a String that lists them", () => {
    expect(valuesOf(["a-b", "a_b"])).toBeUndefined();
    expect(valuesOf(["+", "-"])).toBeUndefined();
    const input = z.object({ mode: z.enum(["+", "-"]) });
    expect(fieldsOf(input)).toEqual(["mode: String!"]);
    const type = buildLovageSchema(registryOf(define(input))).getType(
      "MyTaskInput",
    ) as GraphQLInputObjectType;
    expect(type.getFields()["mode"]!.description).toBe('One of "+", "-".');
  });

  test("unions of strings are enums; defaults and null too", () => {
    const input = z.object({
      a: z.union([z.literal("x"), z.literal("y")]),
      b: z.enum(["b-c", "d"]).default("b-c"),
      c: z.enum(["x", "y"]).nullable(),
    });
    expect(fieldsOf(input)).toEqual(["a: MyTaskAEnum!", "b: MyTaskBEnum = b_c", "c: MyTaskCEnum"]);
  });
});

describe("a schema that cannot be mapped is an error at start that names the task and the path", () => {
  const refusal = (...definitions: readonly ReturnType<typeof define>[]): string => {
    try {
      buildLovageSchema(registryOf(...definitions));
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    throw new Error("Nothing was refused.");
  };

  test("an input that is not an object", () => {
    expect(refusal(define(z.string()))).toContain(
      'DefinitionError: Task "my.task": input: expected the schema of an object, for the mutation\'s arguments, got {"$schema"',
    );
    expect(refusal(define(z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])))).toContain(
      'Task "my.task"',
    );
    expect(refusal(define(z.object({ a: z.string() }).nullable()))).toContain('Task "my.task"');
  });

  test("a property that is not a GraphQL name", () => {
    const headers = z.object({ request: z.object({ "content-type": z.string() }) });
    expect(refusal(define(headers))).toContain(
      'Task "my.task": input.request.content-type: expected the name of a GraphQL field',
    );
    expect(refusal(define(z.object({ __x: z.string().optional() })))).toContain(
      "input.__x: expected the name of a GraphQL field",
    );
    expect(refusal(define(z.object({ constructor: z.string() })))).toContain(
      "input.constructor: expected the name of a GraphQL field",
    );
  });

  test("one name for two shapes names both tasks; equal shapes share the type", () => {
    const first = define(z.object({ address: z.object({ street: z.string() }) }), "mail.send");
    const second = define(z.object({ city: z.string() }), "mail.send.address");
    expect(refusal(first, second)).toBe(
      'DefinitionError: Tasks "mail.send" and "mail.send.address" give two different GraphQL types the name ' +
        '"MailSendAddressInput". Rename a task or a property of its schemas.',
    );
    const same = define(z.object({ street: z.string() }), "mail.send.address");
    expect(() => buildLovageSchema(registryOf(first, same))).not.toThrow();
  });
});
