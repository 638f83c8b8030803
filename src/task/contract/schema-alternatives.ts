import type { Json, JsonObject } from "../../lib/json/json.ts";
import { isObject, resolveReference } from "../definition/json-schema.ts";

/** A schema without `$ref`, `allOf`, `anyOf` and `oneOf`, and with at most one type. */
export type Alternative = JsonObject;

/** Deeper nesting of alternatives is not followed. */
const MAX_DEPTH = 16;

/** Returns the schemas of which a value must fit one. A schema that accepts anything is `{}`. */
export function alternativesOf(schema: Json, root: JsonObject, depth = 0): readonly Alternative[] {
  if (schema === false) return [];
  const resolved = isObject(schema) ? resolveReference(schema, root) : null;
  if (resolved === null || depth > MAX_DEPTH) return [{}];
  const { allOf, anyOf, oneOf, ...own } = resolved;
  const options = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? (list as readonly Json[]) : []));
  const some: readonly Alternative[] =
    options.length === 0
      ? splitTypes(own)
      : options
          .flatMap((option) => alternativesOf(option, root, depth + 1))
          .map((option) => merge(own, option));
  if (!Array.isArray(allOf)) return some;
  return (allOf as readonly Json[]).reduce<readonly Alternative[]>((merged, part) => {
    const parts = alternativesOf(part, root, depth + 1);
    return merged.flatMap((one) => parts.map((other) => merge(one, other)));
  }, some);
}

function splitTypes(schema: JsonObject): readonly Alternative[] {
  const { type } = schema;
  if (type === undefined) return [withType(schema)];
  if (!Array.isArray(type)) return [schema];
  return (type as readonly Json[]).map((one) => ({ ...schema, type: one }));
}

/** Adds the type that all listed values have. */
function withType(schema: JsonObject): JsonObject {
  const types = new Set(valuesOf(schema)?.map((value) => (value === null ? "null" : typeof value)));
  const [type] = types;
  return types.size === 1 && type !== "object" ? { ...schema, type: type! } : schema;
}

/** Returns a schema with the rules of both. */
function merge(one: JsonObject, other: JsonObject): JsonObject {
  const both = { ...one, ...other };
  const properties = { ...objectOf(one["properties"]), ...objectOf(other["properties"]) };
  const required = [one["required"], other["required"]].flatMap((list) =>
    Array.isArray(list) ? (list as readonly Json[]) : [],
  );
  return {
    ...both,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Returns the only values that a schema accepts; null if it does not list them. */
export function valuesOf(schema: Alternative): readonly Json[] | null {
  if (schema["const"] !== undefined) return [schema["const"]];
  const { enum: values } = schema;
  return Array.isArray(values) ? (values as readonly Json[]) : null;
}

/** Returns the types of alternatives for messages, such as `string or null`. */
export function typesOf(schemas: readonly Alternative[]): string {
  const names = schemas.map((schema) => {
    const { type } = schema;
    if (typeof type === "string") return type;
    const values = valuesOf(schema);
    return values === null ? "any JSON" : values.map((value) => JSON.stringify(value)).join(" or ");
  });
  return [...new Set(names)].join(" or ") || "nothing";
}
