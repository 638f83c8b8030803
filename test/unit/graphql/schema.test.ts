import {
  getNamedType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import { expect, test } from "vitest";
import { z } from "zod";
import { buildLovageSchema, ONE_OF_INPUTS, printLovageSchema } from "../../../src/graphql/schema.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { Registry } from "../../../src/task/definition/registry.ts";

const mail = defineTask({
  name: "mail.send",
  description: "Sends one mail.",
  input: z.object({
    to: z.email(),
    format: z.enum(["text", "html"]),
    cc: z.object({ to: z.email() }).optional(),
  }),
  run: () => null,
});
const sum = defineTask({
  name: "math.sum",
  deprecationReason: "Use math.add.",
  input: z.object({ values: z.array(z.number()) }),
  run: () => null,
});
const anything = defineTask({ name: "any.json", run: () => null });

function schemaOf(...definitions: readonly AnyTaskDefinition[]): GraphQLSchema {
  return buildLovageSchema(new Registry(definitions.map((definition) => ({ definition, file: null }))));
}

test("each connection has edges with cursors, nodes and a position", () => {
  const connections = Object.values(schemaOf(mail).getTypeMap()).filter(
    (type) => isObjectType(type) && type.name.endsWith("Connection"),
  );
  expect(connections.length).toBeGreaterThan(3);
  for (const type of connections) {
    const fields = isObjectType(type) ? type.getFields() : {};
    expect(Object.keys(fields), type.name).toEqual(expect.arrayContaining(["edges", "nodes", "pageInfo"]));
    const edge = getNamedType(fields["edges"]!.type);
    expect(isObjectType(edge) && Object.keys(edge.getFields())).toEqual(["cursor", "node"]);
  }
});

test("each duration has its number of seconds beside it, as null as itself", () => {
  const pairs: string[] = [];
  for (const type of Object.values(schemaOf(mail).getTypeMap())) {
    if (!isObjectType(type)) continue;
    const fields = type.getFields();
    for (const { name, type: duration } of Object.values(fields)) {
      if (String(getNamedType(duration)) !== "Duration") continue;
      const seconds = String(fields[`${name}Seconds`]?.type);
      expect(`${type.name}.${name}: ${seconds}`).toBe(
        `${type.name}.${name}: ${String(duration).replace("Duration", "Float")}`,
      );
      pairs.push(`${type.name}.${name}`);
    }
  }
  expect(pairs).toContain("Queue.latency");
  expect(pairs.length).toBeGreaterThan(20);
});

test("describes every type, field, argument and enum value", () => {
  const silent: string[] = [];
  const look = (name: string, thing: { readonly description?: string | null | undefined }): void => {
    if (!thing.description) silent.push(name);
  };
  for (const type of Object.values(schemaOf(mail, sum).getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field);
      if ("args" in field)
        for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name}:)`, arg);
    }
  }
  expect(silent).toEqual([]);
});

test("every message of a stream has a cursor, and every scalar a specification", () => {
  const schema = schemaOf(mail);
  const types = Object.values(schema.getTypeMap());
  const messages = types.filter(isUnionType).filter(({ name }) => name.endsWith("Stream"));
  const members = new Set(messages.flatMap((union) => union.getTypes()));
  expect(members.size).toBeGreaterThan(5);
  const message = schema.getType("StreamMessage") as GraphQLInterfaceType;
  expect(new Set(schema.getPossibleTypes(message))).toEqual(members);
  const scalars = types.filter(isScalarType).filter((type) => !isSpecifiedScalarType(type));
  expect(scalars.filter(({ specifiedByURL }) => !specifiedByURL?.startsWith("https://"))).toEqual([]);
});

test("has a typed mutation per definition with an input schema, and no other", () => {
  const fields = schemaOf(mail, sum, anything).getMutationType()!.getFields();
  expect(Object.keys(fields).filter((name) => /^enqueue[A-Z]/.test(name))).toEqual([
    "enqueueTask",
    "enqueueTasks",
    "enqueueMailSend",
    "enqueueMathSum",
  ]);
  expect(fields["enqueueMailSend"]!.description).toBe("Sends one mail.");
  expect(fields["enqueueMathSum"]!.deprecationReason).toBe("Use math.add.");
  expect(getNamedType(fields["enqueueMailSend"]!.args[0]!.type).name).toBe("MailSendInput");
});

test("two apps in one process see nothing of each other's definitions", () => {
  const other = defineTask({ name: "mail.send", input: z.object({ letter: z.string() }), run: () => null });
  const [first, second, none] = [schemaOf(mail), schemaOf(other, sum), schemaOf()].map(printLovageSchema);
  expect(first).toContain("enqueueMailSend");
  expect(first).toContain("enum MailSendFormatEnum");
  expect(first).not.toMatch(/MathSum|letter/);
  expect(second).toContain("letter: String!");
  expect(second).toContain("enqueueMathSum");
  expect(second).not.toMatch(/MailSendFormatEnum|MailSendCcInput/);
  expect(none).not.toMatch(/MailSend|MathSum/);
  expect(printLovageSchema(schemaOf(mail))).toBe(first);
});

test("a definition that uses names of the API itself is an error that names the task", () => {
  const task = defineTask({ name: "task", input: z.object({ x: z.int() }), run: () => null });
  const enqueue = defineTask({ name: "enqueue.task", input: z.object({ x: z.int() }), run: () => null });
  expect(() => schemaOf(task)).toThrow(
    'Task "task" would give the API a second mutation "enqueueTask". Rename the task.',
  );
  expect(() => schemaOf(enqueue)).toThrow(
    'Task "enqueue.task" would give the API a second type "EnqueueTaskInput".',
  );
});

test("inputs of which exactly one field must be given have @oneOf", () => {
  const schema = schemaOf();
  const marked = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type) && type.isOneOf);
  expect(marked.map((type) => type.name).toSorted()).toEqual([...ONE_OF_INPUTS].toSorted());
  expect(printLovageSchema(schema)).toContain("input TaskSelection @oneOf {");
});
