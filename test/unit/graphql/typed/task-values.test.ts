import { gzipSync } from "node:zlib";
import { type GraphQLSchema, introspectionFromSchema, isObjectType, isUnionType, printType } from "graphql";
import { describe, expect, test } from "vitest";
import { z, type ZodType } from "zod";
import { buildLovageSchema } from "../../../../src/graphql/schema.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../../src/task/definition/definition.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";

function schemaOf(...definitions: readonly AnyTaskDefinition[]): GraphQLSchema {
  return buildLovageSchema(new Registry(definitions.map((definition) => ({ definition, file: null }))));
}

const returning = (output: ZodType, name = "my.task") => defineTask({ name, output, run: () => null });

/** The fields of an object, or the members of a union, as SDL without descriptions. */
function shapeOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  if (isUnionType(type)) return type.getTypes().map((member) => member.name);
  if (!isObjectType(type)) throw new Error(`There is no object and no union ${name}.`);
  const lines = printType(type)
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim());
  return lines.filter((line) => /^\w+: \S+/.test(line) && !line.startsWith('"'));
}

describe("types", () => {
  test("each definition with a schema is a member; a server without schemas has untyped values", () => {
    const none = schemaOf(defineTask({ name: "any.json", run: () => null }));
    expect(shapeOf(none, "TaskOutput")).toEqual(["UntypedValue"]);
    expect(shapeOf(none, "TaskInput")).toEqual(["UntypedValue"]);
    const mail = defineTask({
      name: "mail.send",
      input: z.object({ to: z.string(), urgent: z.boolean().default(false) }),
      output: z.object({ messageId: z.string() }),
      run: () => ({ messageId: "1" }),
    });
    const schema = schemaOf(mail, returning(z.number(), "math.sum"));
    expect(shapeOf(schema, "TaskOutput")).toEqual(["MailSendOutput", "MathSumOutput", "UntypedValue"]);
    expect(shapeOf(schema, "TaskInput")).toEqual(["MailSendArgs", "UntypedValue"]);
    expect(shapeOf(schema, "MailSendOutput")).toEqual(["messageId: String!"]);
    expect(shapeOf(schema, "MailSendArgs")).toEqual(["to: String!", "urgent: Boolean"]);
    expect(shapeOf(schema, "MathSumOutput")).toEqual(["value: Float!"]);
  });

  test("objects, lists, null, enums, times, integers; what GraphQL cannot express is JSON", () => {
    interface Node {
      readonly children: readonly Node[];
    }
    const node: ZodType<Node> = z.object({
      get children() {
        return z.array(node);
      },
    }) as never;
    const output = z.object({
      at: z.iso.datetime(),
      mode: z.enum(["a", "b-c"]),
      size: z.int(),
      small: z.int32().nullable(),
      maybe: z.string().optional(),
      body: z.string().default(""),
      grid: z.array(z.array(z.number().nullable())),
      parts: z.array(z.object({ id: z.uuid() })),
      tree: node,
      record: z.record(z.string(), z.int()),
      tuple: z.tuple([z.string(), z.int()]),
      either: z.union([z.string(), z.int()]),
      headers: z.object({ "content-type": z.string() }),
    });
    const schema = schemaOf(returning(output));
    expect(shapeOf(schema, "MyTaskOutput")).toEqual([
      "at: DateTime!",
      "mode: MyTaskModeOutputEnum!",
      "size: BigInt!",
      "small: Int",
      "maybe: String",
      "body: String!",
      "grid: [[Float]!]!",
      "parts: [MyTaskPartsOutput!]!",
      "tree: MyTaskTreeOutput!",
      "record: JSON!",
      "tuple: JSON!",
      "either: JSON!",
      "headers: JSON!",
    ]);
    expect(shapeOf(schema, "MyTaskPartsOutput")).toEqual(["id: ID!"]);
    expect(shapeOf(schema, "MyTaskTreeOutput")).toEqual(["children: [JSON!]!"]);
    const { headers } = (schema.getType("MyTaskOutput") as ReturnType<
      typeof schema.getQueryType
    >)!.getFields();
    expect(headers!.description).toMatch(/^JSON Schema: .*content-type/);
  });

  test("unions of objects that a constant distinguishes are unions, others are JSON", () => {
    const paid = z.discriminatedUnion("by", [
      z.object({ by: z.literal("card"), number: z.string() }),
      z.object({ by: z.literal("bank-transfer"), iban: z.string() }),
    ]);
    const output = z.object({
      paid: paid.nullable(),
      all: z.array(paid),
      apart: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    });
    const schema = schemaOf(returning(output), returning(paid, "whole.union"));
    expect(shapeOf(schema, "MyTaskOutput")).toEqual([
      "paid: MyTaskPaidOutput",
      "all: [MyTaskAllOutput!]!",
      "apart: JSON!",
    ]);
    expect(shapeOf(schema, "MyTaskPaidOutput")).toEqual([
      "MyTaskPaidCardOutput",
      "MyTaskPaidBankTransferOutput",
    ]);
    expect(shapeOf(schema, "MyTaskPaidCardOutput")).toEqual(["by: String!", "number: String!"]);
    // A union cannot be a member of a union.
    expect(shapeOf(schema, "WholeUnionOutput")).toEqual(["value: WholeUnionValueOutput!"]);
  });

  test("sensitive fields may be null, wherever they are", () => {
    const input = z.object({
      user: z.string(),
      password: z.string().meta({ sensitive: true }),
      cards: z.array(z.object({ number: z.string().meta({ sensitive: true }), name: z.string() })),
      codes: z.array(z.int32().meta({ sensitive: true })),
    });
    const schema = schemaOf(defineTask({ name: "user.login", input, run: () => null }));
    expect(shapeOf(schema, "UserLoginArgs")).toEqual([
      "user: String!",
      "password: String",
      "cards: [UserLoginCardsArgs!]!",
      "codes: [Int]!",
    ]);
    expect(shapeOf(schema, "UserLoginCardsArgs")).toEqual(["number: String", "name: String!"]);
  });

  test("one name for two types is an error that names both tasks", () => {
    const first = returning(z.object({ address: z.object({ street: z.string() }) }), "mail.send");
    const second = returning(z.object({ city: z.string() }), "mail.send.address");
    expect(() => schemaOf(first, second)).toThrow(
      'Tasks "mail.send" and "mail.send.address" give two different GraphQL types the name "MailSendAddressOutput".',
    );
    expect(() => schemaOf(returning(z.string(), "task"))).toThrow(
      'Task "task" would give the API a second type "TaskOutput". Rename the task.',
    );
  });
});

test("300 definitions: the schema takes at most 1 s of CPU, its introspection at most 150 KB of gzip", () => {
  const definitions = Array.from({ length: 300 }, (_, index) =>
    defineTask({
      name: `module${index % 20}.task${index}`,
      description: `Does the work number ${index}.`,
      input: z.object({
        customerId: z.uuid(),
        to: z.email(),
        amount: z.number().min(0),
        mode: z.enum(["fast", "slow"]),
        note: z.string().max(100).optional().describe("A note for people."),
        lines: z.array(z.object({ sku: z.string(), count: z.int32() })),
      }),
      output: z.object({
        messageId: z.string(),
        at: z.iso.datetime(),
        total: z.number(),
        status: z.enum(["sent", "queued"]),
        parts: z.array(z.object({ id: z.string(), ok: z.boolean() })),
      }),
      run: () => null as never,
    }),
  );
  const before = process.threadCpuUsage();
  const schema = schemaOf(...definitions);
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(1_000);
  const compressed = gzipSync(JSON.stringify(introspectionFromSchema(schema)));
  expect(compressed.length).toBeLessThan(150 * 1_024);
});
