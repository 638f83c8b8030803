import { DefinitionError } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";

/**
 * A part of a JSON Schema, with its reference resolved and without "or null". A part that refers to
 * itself keeps its `$ref`.
 */
export interface SchemaPart {
  readonly schema: JsonObject;
  readonly nullable: boolean;
  /** References that lead here. A repeated one is recursive. */
  readonly trail: ReadonlySet<string>;
}

/** Which schema of a definition it is. */
export interface SchemaSide {
  /** For descriptions and errors: `input`, `output`, `error NoSuchAccount`. */
  readonly noun: string;
  /** Begins the names of the types. */
  readonly stem: string;
  /** Ends the names of the types. */
  readonly suffix: "Input" | "Output" | "Error";
}

/** A location in a task's schema. */
export interface SchemaLocation {
  readonly task: string;
  readonly side: SchemaSide;
  readonly root: JsonObject;
  readonly path: readonly string[];
}

/**
 * Resolves references and separates "or null".
 * @throws DefinitionError for a reference that cannot be resolved
 */
export function readPart(
  json: Json | undefined,
  trail: ReadonlySet<string>,
  location: SchemaLocation,
): SchemaPart {
  if (!isObject(json)) return { schema: {}, nullable: true, trail };
  const { $ref: reference, ...beside } = json;
  if (typeof reference === "string") {
    if (trail.has(reference)) return { schema: json, nullable: false, trail };
    return readPart({ ...lookUp(reference, location), ...beside }, new Set([...trail, reference]), location);
  }
  const { type } = json;
  if (Array.isArray(type)) return withoutNullType(json, type as readonly Json[], trail);
  return withoutNullBranch(json, trail, location);
}

function lookUp(reference: string, location: SchemaLocation): JsonObject {
  const { task, side, root } = location;
  const keys = /^#(\/|$)/.test(reference) ? decodeURIComponent(reference).split("/").slice(1) : [reference];
  let found: Json | undefined = root;
  for (const key of keys.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))) {
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  if (isObject(found)) return found;
  throw new DefinitionError(
    `Task ${JSON.stringify(task)}: ${describePath(location)}: expected a reference to a part of the ${side.noun} schema, ` +
      `got ${JSON.stringify(reference)}. Use a schema that contains every part that it refers to.`,
  );
}

function withoutNullType(schema: JsonObject, types: readonly Json[], trail: ReadonlySet<string>): SchemaPart {
  const others = types.filter((type) => type !== "null");
  const [only] = others;
  const nullable = others.length < types.length;
  // Several types are a union.
  if (others.length !== 1 || only === undefined) return { schema, nullable, trail };
  return { schema: withoutNullValues({ ...schema, type: only }), nullable, trail };
}

function withoutNullBranch(
  schema: JsonObject,
  trail: ReadonlySet<string>,
  location: SchemaLocation,
): SchemaPart {
  const { anyOf, oneOf, ...beside } = schema;
  const branches = (anyOf ?? oneOf) as readonly Json[] | undefined;
  if (branches === undefined)
    return { schema: withoutNullValues(schema), nullable: takesNull(schema), trail };
  const others = branches.filter((branch) => !isObject(branch) || branch["type"] !== "null");
  const nullable = others.length < branches.length;
  if (others.length > 1) return { schema: mergeLiterals(schema, others), nullable, trail };
  const inner = readPart({ ...(isObject(others[0]) ? others[0] : {}), ...beside }, trail, location);
  return { ...inner, nullable: nullable || inner.nullable };
}

/** Keywords that restrict the values of a schema. */
const RESTRICTING = ["type", "enum", "const", "allOf", "not", "$ref"];

function takesNull(schema: JsonObject): boolean {
  const { type, enum: values, const: only } = schema;
  if (type === "null" || only === null || (Array.isArray(values) && values.includes(null))) return true;
  return RESTRICTING.every((keyword) => schema[keyword] === undefined);
}

function withoutNullValues(schema: JsonObject): JsonObject {
  const values = schema["enum"];
  return Array.isArray(values) ? { ...schema, enum: values.filter((value) => value !== null) } : schema;
}

/** Converts a union of strings to an enum. Other unions stay as they are. */
function mergeLiterals(schema: JsonObject, branches: readonly Json[]): JsonObject {
  const values = branches.flatMap((branch) => (isObject(branch) ? stringsOf(branch) : [null]));
  if (values.includes(null)) return schema;
  const { anyOf: _anyOf, oneOf: _oneOf, ...beside } = schema;
  return { ...beside, type: "string", enum: [...new Set(values)] };
}

function stringsOf(schema: JsonObject): readonly (string | null)[] {
  const values = Array.isArray(schema["enum"])
    ? (schema["enum"] as readonly Json[])
    : [schema["const"] ?? null];
  return values.map((value) => (typeof value === "string" ? value : null));
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** `input.address.street` */
export function describePath({ side, path }: SchemaLocation): string {
  return [side.noun, ...path].join(".");
}

/** Describes a type or field whose author did not describe it. */
export function describeLocation({ task, side, path }: SchemaLocation): string {
  if (path.length > 0) return `\`${path.join(".")}\` in the ${side.noun} of \`${task}\`.`;
  return `${side.noun[0]!.toUpperCase()}${side.noun.slice(1)} of \`${task}\`.`;
}
