import { DefinitionError } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { graphqlStem } from "../../task/definition/names.ts";
import { describeField } from "./describe.ts";
import { printableDefault } from "./default-value.ts";
import { enumNames, isGraphqlName } from "./enum-values.ts";
import type { FieldPlan, InputPlan, ObjectPlan, PlannedScalar, ValuePlan } from "./input-plan.ts";
import {
  describePath,
  describePlace,
  isObject,
  readPart,
  type SchemaPart,
  type SchemaPlace,
} from "./json-schema.ts";

/** Keys that a caller's JSON must not have: see lib/json/json.ts. */
const FORBIDDEN_KEYS = new Set(["constructor", "prototype"]);
const MAX_INT = 2 ** 31 - 1;

/**
 * Plans the GraphQL input of a task definition from its JSON Schema.
 *
 * @throws DefinitionError that names the task and the path of a part that GraphQL cannot express
 */
export function planInput(task: string, root: JsonObject): InputPlan {
  const place: SchemaPlace = { task, root, path: [] };
  const part = readPart(root, new Set(["#"]), place);
  if (part.nullable || part.schema["type"] !== "object") {
    throw new DefinitionError(
      `Task ${JSON.stringify(task)}: input: expected the schema of an object, for the mutation's arguments, got ` +
        `${summary(root)}. Wrap it, for example z.object({ value: … }), or omit "input" to accept any JSON.`,
    );
  }
  const { properties } = part.schema;
  if (isObject(properties) && Object.keys(properties).length > 0) {
    const object = planObject(part, place);
    return { kind: "object", object, required: object.fields.some((field) => !field.nullable) };
  }
  if (!isOpen(part.schema)) return { kind: "none" };
  return {
    kind: "json",
    description: describeField(part.schema, { kind: "scalar", scalar: "JSON" }, place, undefined),
  };
}

function planObject(part: SchemaPart, place: SchemaPlace): ObjectPlan {
  const { schema, trail } = part;
  const properties = Object.entries(schema["properties"] as JsonObject);
  const required = new Set(Array.isArray(schema["required"]) ? (schema["required"] as readonly Json[]) : []);
  const written = schema["description"];
  return {
    kind: "object",
    typeName: typeName(place, "Input"),
    description: typeof written === "string" && written !== "" ? written : describePlace(place),
    fields: properties.map(([name, property]) =>
      planField(name, property, required.has(name), trail, { ...place, path: [...place.path, name] }),
    ),
  };
}

function planField(
  name: string,
  property: Json,
  required: boolean,
  trail: ReadonlySet<string>,
  place: SchemaPlace,
): FieldPlan {
  refuseName(name, place);
  const part = readPart(property, trail, place);
  const value = planValue(part, place);
  const initial = required ? undefined : part.schema["default"];
  const defaultValue = printableDefault(value, initial, part.nullable);
  return {
    name,
    description: describeField(part.schema, value, place, defaultValue === undefined ? initial : undefined),
    nullable: !required || part.nullable,
    value,
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

function refuseName(name: string, place: SchemaPlace): void {
  if (isGraphqlName(name) && !FORBIDDEN_KEYS.has(name)) return;
  throw new DefinitionError(
    `Task ${JSON.stringify(place.task)}: ${describePath(place.path)}: expected the name of a GraphQL field: letters, digits ` +
      `and "_", not starting with a digit or "__", and not a key of every JavaScript object. ` +
      `Rename it, or omit "input" to accept any JSON.`,
  );
}

const JSON_VALUE: ValuePlan = { kind: "scalar", scalar: "JSON" };
/** Keywords that GraphQL's types cannot express. */
const BEYOND_GRAPHQL = [
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "patternProperties",
  "prefixItems",
  "dependentSchemas",
];

function planValue(part: SchemaPart, place: SchemaPlace): ValuePlan {
  if (BEYOND_GRAPHQL.some((keyword) => part.schema[keyword] !== undefined)) return JSON_VALUE;
  const { schema } = part;
  switch (schema["type"]) {
    case "string":
      return planText(schema, place);
    case "integer":
      return scalar(fitsInt(schema) ? "Int" : "BigInt");
    case "number":
      return planNumber(schema);
    case "boolean":
      return scalar("Boolean");
    case "array":
      return planList(part, place);
    case "object":
      return isClosedObject(schema) ? planObject(part, place) : JSON_VALUE;
    default:
      return isUntypedEnum(schema) ? planText(schema, place) : JSON_VALUE;
  }
}

function planText(schema: JsonObject, place: SchemaPlace): ValuePlan {
  const { enum: values, format, pattern } = schema;
  if (Array.isArray(values)) {
    const names = enumNames(values as readonly string[]);
    if (names === null) return scalar("String");
    return {
      kind: "enum",
      typeName: typeName(place, "Enum"),
      description: describePlace(place),
      values: names,
    };
  }
  if (format === "uuid") return scalar("ID");
  return scalar(format === "date-time" && !takesNoZone(pattern) ? "DateTime" : "String");
}

/** Whether a schema accepts times without a zone, which DateTime would refuse. */
function takesNoZone(pattern: Json | undefined): boolean {
  return typeof pattern === "string" && new RegExp(pattern, "u").test("2026-05-01T09:00:00");
}

/** Whether a schema without a type is an enum of strings, as some libraries write it. */
function isUntypedEnum(schema: JsonObject): boolean {
  const values = schema["enum"];
  return (
    schema["type"] === undefined &&
    Array.isArray(values) &&
    values.every((value) => typeof value === "string")
  );
}

function planNumber(schema: JsonObject): ValuePlan {
  const values = Array.isArray(schema["enum"]) ? (schema["enum"] as readonly Json[]) : [schema["const"]];
  const areIntegers = values.every(
    (value) => typeof value === "number" && Math.abs(value) <= MAX_INT && Number.isInteger(value),
  );
  return scalar(areIntegers ? "Int" : "Float");
}

function fitsInt(schema: JsonObject): boolean {
  const values = Array.isArray(schema["enum"]) ? (schema["enum"] as readonly Json[]) : [schema["const"]];
  if (values.every((value) => typeof value === "number" && Math.abs(value) <= MAX_INT)) return true;
  const lowest = bound(schema["minimum"], schema["exclusiveMinimum"], 1);
  const highest = bound(schema["maximum"], schema["exclusiveMaximum"], -1);
  return lowest !== null && highest !== null && lowest >= -MAX_INT - 1 && highest <= MAX_INT;
}

function bound(inclusive: Json | undefined, exclusive: Json | undefined, step: number): number | null {
  if (typeof exclusive === "number") return exclusive + step;
  return typeof inclusive === "number" ? inclusive : null;
}

function planList({ schema, trail }: SchemaPart, place: SchemaPlace): ValuePlan {
  const part = readPart(schema["items"], trail, place);
  const item = planValue(part, place);
  const itemNullable = part.nullable;
  // type-graphql has one "nullable" for all levels of nested lists.
  if (item.kind === "list" && item.itemNullable !== itemNullable) return JSON_VALUE;
  return { kind: "list", item, itemNullable };
}

/** Whether a schema is an object with at least one key, all of them known. */
function isClosedObject(schema: JsonObject): boolean {
  return isObject(schema["properties"]) && Object.keys(schema["properties"]).length > 0 && !isOpen(schema);
}

function isOpen({ additionalProperties }: JsonObject): boolean {
  return additionalProperties !== undefined && additionalProperties !== false;
}

function scalar(name: PlannedScalar): ValuePlan {
  return { kind: "scalar", scalar: name };
}

function typeName({ task, path }: SchemaPlace, suffix: "Input" | "Enum"): string {
  return `${graphqlStem(task)}${path.map(graphqlStem).join("")}${suffix}`;
}

function summary(schema: JsonObject): string {
  const text = JSON.stringify(schema);
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
