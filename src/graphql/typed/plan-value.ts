import { DefinitionError } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { graphqlStem } from "../../task/definition/names.ts";
import { describeField } from "./describe.ts";
import { printableDefault } from "./fit.ts";
import { haveMoreKeys, readDiscriminatedUnion } from "./discriminated-union.ts";
import { enumNames, isGraphqlName } from "./enum-values.ts";
import type { FieldPlan, ObjectPlan, PlannedScalar, UnionPlan, ValuePlan } from "./value-plan.ts";
import {
  describePath,
  describeLocation,
  isObject,
  readPart,
  type SchemaPart,
  type SchemaLocation,
} from "./json-schema.ts";

/** Keys that a caller's JSON must not have: see lib/json/json.ts. */
const FORBIDDEN_KEYS = new Set(["constructor", "prototype"]);
const MAX_INT = 2 ** 31 - 1;

/** Plans an object with at least one key, all of them known. */
export function planObject(part: SchemaPart, location: SchemaLocation): ObjectPlan {
  const { schema, trail } = part;
  const properties = Object.entries(schema["properties"] as JsonObject);
  const required = new Set(Array.isArray(schema["required"]) ? (schema["required"] as readonly Json[]) : []);
  const written = schema["description"];
  return {
    kind: "object",
    typeName: typeNameOf(location),
    description: typeof written === "string" && written !== "" ? written : describeLocation(location),
    fields: properties.map(([name, property]) =>
      planField(name, property, required.has(name), trail, { ...location, path: [...location.path, name] }),
    ),
  };
}

function planField(
  name: string,
  property: Json,
  required: boolean,
  trail: ReadonlySet<string>,
  location: SchemaLocation,
): FieldPlan {
  const part = readPart(property, trail, location);
  const value = planValue(part, location);
  const initial = required ? undefined : part.schema["default"];
  const defaultValue = printableDefault(value, initial, part.nullable);
  return {
    name,
    description: describeField(
      part.schema,
      value,
      location,
      defaultValue === undefined ? initial : undefined,
    ),
    nullable: !required || part.nullable,
    value,
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

/**
 * Whether GraphQL can name every key of an object.
 *
 * @throws DefinitionError for an input that has another key: its callers could not send it
 */
export function hasNames({ properties }: JsonObject, location: SchemaLocation): boolean {
  const unnamed = Object.keys(properties as JsonObject).find(
    (key) => !isGraphqlName(key) || FORBIDDEN_KEYS.has(key),
  );
  if (unnamed === undefined) return true;
  if (location.side.suffix !== "Input") return false;
  throw unnameable({ ...location, path: [...location.path, unnamed] });
}

function unnameable(location: SchemaLocation): DefinitionError {
  return new DefinitionError(
    `Task ${JSON.stringify(location.task)}: ${describePath(location)}: expected the name of a GraphQL field: letters, digits ` +
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

export function planValue(part: SchemaPart, location: SchemaLocation): ValuePlan {
  const { schema } = part;
  const beyond = BEYOND_GRAPHQL.filter((keyword) => schema[keyword] !== undefined);
  if (beyond.length > 0) return (beyond.every(isUnion) && planUnion(part, location)) || JSON_VALUE;
  return planTyped(part, location);
}

function planTyped(part: SchemaPart, location: SchemaLocation): ValuePlan {
  const { schema } = part;
  switch (schema["type"]) {
    case "string":
      return planText(schema, location);
    case "integer":
      return scalar(fitsInt(schema) ? "Int" : "BigInt");
    case "number":
      return planNumber(schema);
    case "boolean":
      return scalar("Boolean");
    case "array":
      return planList(part, location);
    case "object":
      return isClosedObject(schema) && hasNames(schema, location) ? planObject(part, location) : JSON_VALUE;
    default:
      return isUntypedEnum(schema) ? planText(schema, location) : JSON_VALUE;
  }
}

function isUnion(keyword: string): boolean {
  return keyword === "anyOf" || keyword === "oneOf";
}

/** Plans a union of objects that a constant distinguishes. Returns null for another union. */
function planUnion({ schema, trail }: SchemaPart, location: SchemaLocation): UnionPlan | null {
  const branches = ((schema["oneOf"] ?? schema["anyOf"]) as readonly Json[])
    .filter((branch) => !isObject(branch) || branch["type"] !== "null")
    .map((branch) => readPart(branch, trail, location));
  const schemas = branches.map((branch) => branch.schema);
  const union = branches.some(({ nullable }) => nullable) ? null : readDiscriminatedUnion(schemas);
  if (!union || (location.side.suffix === "Input" && !haveMoreKeys(schemas))) return null;
  const parts = union.members.map((member, index) => {
    return {
      ...member,
      part: branches[index]!,
      at: { ...location, path: [...location.path, member.constant] },
    };
  });
  if (!parts.every(({ part, at }) => hasNames(part.schema, at))) return null;
  return {
    kind: "union",
    typeName: typeNameOf(location),
    description: describeLocation(location),
    discriminator: union.discriminator,
    members: parts.map(({ constant, name, part, at }) => ({ constant, name, object: planObject(part, at) })),
  };
}

function planText(schema: JsonObject, location: SchemaLocation): ValuePlan {
  const { enum: values, format, pattern } = schema;
  if (Array.isArray(values)) {
    const names = enumNames(values as readonly string[]);
    if (names === null) return scalar("String");
    return {
      kind: "enum",
      typeName: enumNameOf(location),
      description: describeLocation(location),
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

function planList({ schema, trail }: SchemaPart, location: SchemaLocation): ValuePlan {
  const part = readPart(schema["items"], trail, location);
  const item = planValue(part, location);
  const itemNullable = part.nullable;
  // type-graphql, which makes the inputs, has one "nullable" for all levels of nested lists.
  if (location.side.suffix === "Input" && item.kind === "list" && item.itemNullable !== itemNullable)
    return JSON_VALUE;
  return { kind: "list", item, itemNullable };
}

/** Whether a schema is an object with at least one key, all of them known. */
export function isClosedObject({ properties, ...rest }: JsonObject): boolean {
  return isObject(properties) && Object.keys(properties).length > 0 && !isOpen(rest);
}

export function isOpen({ additionalProperties }: JsonObject): boolean {
  return additionalProperties !== undefined && additionalProperties !== false;
}

function scalar(name: PlannedScalar): ValuePlan {
  return { kind: "scalar", scalar: name };
}

/** `MailSend` + `address` -> `MailSendAddressInput`. */
export function typeNameOf({ side: { stem, suffix }, path }: SchemaLocation): string {
  return `${stem}${path.map(graphqlStem).join("")}${suffix}`;
}

/** Inputs came first: their enums are named without the side. */
function enumNameOf(location: SchemaLocation): string {
  const { stem, suffix } = location.side;
  return `${stem}${location.path.map(graphqlStem).join("")}${suffix === "Input" ? "" : suffix}Enum`;
}
