import { show } from "../../lib/quote.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Schema } from "./schema.ts";

/**
 * Returns the JSON Schema 2020-12 of a schema, for what it accepts (`input`) or returns (`output`).
 *
 * @param option the name of the schema in problems
 */
export function readJsonSchema(
  schema: Schema,
  side: "input" | "output",
  problems: string[],
  option: string = side,
): JsonObject | null {
  const given: unknown = schema;
  if (given === null || (typeof given !== "object" && typeof given !== "function")) {
    problems.push(`${option}: expected a schema of zod 4, arktype 2 or valibot, got ${show(given)}`);
    return null;
  }
  const standard = schema["~standard"];
  if (!standard?.jsonSchema) {
    problems.push(`${option}: expected a schema that prints JSON Schema. ${adviseOn(schema)}`);
    return null;
  }
  const { jsonSchema } = standard;
  const print = (libraryOptions = {}): JsonObject =>
    jsonSchema[side]({ target: "draft-2020-12", libraryOptions }) as JsonObject;
  try {
    const printed = print();
    // arktype prints {} for a Date, and then refuses every value that JSON can hold.
    const lost = standard.vendor === "arktype" ? describeJsonLess(print(MARK_JSON_LESS), option) : [];
    problems.push(...lost);
    return lost.length === 0 ? printed : null;
  } catch (error) {
    const lost = findJsonLess(() => print(MARK_JSON_LESS), option);
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(...(lost.length > 0 ? lost : [`${option} has no JSON Schema: ${reason}`]));
    return null;
  }
}

function findJsonLess(print: () => JsonObject, side: string): string[] {
  try {
    return describeJsonLess(print(), side);
  } catch {
    return [];
  }
}

/** Returns the remedy that makes a schema of this library print JSON Schema. */
function adviseOn(schema: Schema): string {
  const vendor = schema["~standard"]?.vendor;
  // zod before its support of Standard Schema.
  if (vendor === "zod" || (vendor === undefined && "safeParse" in schema))
    return "zod does since 4.2: npm install zod@4";
  if (vendor === "valibot")
    return "valibot does by toStandardJsonSchema(schema) of @valibot/to-json-schema: npm install @valibot/to-json-schema";
  if (vendor === "arktype") return "arktype does since 2.1.28: npm install arktype@2";
  const which = vendor === undefined ? "" : `, and ${vendor} gives none`;
  return `It needs "~standard".jsonSchema of Standard Schema${which}. zod 4 and arktype 2 have it, valibot with @valibot/to-json-schema`;
}

/** A keyword that no schema has: it marks what the library cannot print. */
const MARK = "x-lovage-json-less";

/**
 * Types that JSON does not have, by the names that zod and valibot give them, each with what to
 * use.
 */
const REMEDIES: Readonly<Record<string, string>> = {
  date: "Use a string, such as z.iso.datetime(), and make a Date of it in the task",
  bigint: "Use an integer of up to 2^53, or a string",
  map: "Use an object or an array",
  set: "Use an array",
  undefined: "Make the property optional",
  void: 'Leave "output" away',
  transform: "State what the transform returns with .pipe(…)",
};
const OTHERS = ["symbol", "function", "custom", "instance", "nan", "file", "blob", "promise"];
const isJsonLess = (type: unknown): type is string =>
  typeof type === "string" && (type in REMEDIES || OTHERS.includes(type));

interface ZodOverride {
  readonly zodSchema?: { readonly _zod?: { readonly def?: { readonly type?: unknown } } };
  readonly jsonSchema: Record<string, unknown>;
}

/**
 * Options that make zod, valibot and arktype print a schema with marks instead of failing, or
 * dropping a rule in silence, where JSON Schema has no word for a type. Each library reads its own
 * options and skips the others'.
 */
const MARK_JSON_LESS: Readonly<Record<string, unknown>> = {
  // zod
  unrepresentable: "any",
  override: ({ zodSchema, jsonSchema }: ZodOverride): void => {
    const type = zodSchema?._zod?.def?.type;
    if (isJsonLess(type)) jsonSchema[MARK] = type;
  },
  // valibot
  errorMode: "ignore",
  overrideSchema: ({ valibotSchema }: { readonly valibotSchema: { readonly type: unknown } }) =>
    isJsonLess(valibotSchema.type) ? { [MARK]: valibotSchema.type } : undefined,
  // arktype
  fallback: {
    date: () => ({ [MARK]: "date" }),
    domain: ({ domain }: { readonly domain: string }) => ({ [MARK]: domain }),
    proto: ({ proto }: { readonly proto: { readonly name: string } }) => ({
      [MARK]: proto.name.toLowerCase(),
    }),
  },
};

/**
 * One line per mark below `path`, which is `input` or `output`: where it is, what it is and
 * what to use instead.
 */
function describeJsonLess(schema: JsonObject, path: string): string[] {
  const type = schema[MARK];
  if (typeof type === "string") {
    return [
      `${path}: expected a type that JSON has, got "${type}". ${REMEDIES[type] ?? "Use a type that JSON has"}`,
    ];
  }
  return Object.entries(schema).flatMap(([keyword, part]) => describePart(keyword, part, path));
}

function describePart(keyword: string, part: Json, path: string): string[] {
  if (typeof part !== "object" || part === null) return [];
  if (Array.isArray(part)) return part.flatMap((item: Json) => describePart("", item, path));
  if (keyword === "properties" || keyword === "$defs")
    return Object.entries(part).flatMap(([name, inner]) => describePart("", inner, `${path}.${name}`));
  if (keyword === "default" || keyword === "const" || keyword === "examples") return [];
  const suffix = keyword === "items" ? "[]" : keyword === "additionalProperties" ? ".*" : "";
  return describeJsonLess(part as JsonObject, path + suffix);
}

/** Follows a reference within the schema; returns null for one that leads out of it. */
export function resolveReference(schema: JsonObject, root: JsonObject): JsonObject | null {
  const reference = schema["$ref"];
  if (typeof reference !== "string") return schema;
  if (!reference.startsWith("#")) return null;
  let target: Json | undefined = root;
  for (const key of reference.slice(1).split("/").slice(1))
    target = isObject(target) ? target[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return isObject(target) && target["$ref"] === undefined ? target : null;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
