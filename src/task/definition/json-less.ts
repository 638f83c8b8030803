import type { Json, JsonObject } from "../../lib/json/json.ts";

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
export const MARK_JSON_LESS: Readonly<Record<string, unknown>> = {
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
export function describeJsonLess(schema: JsonObject, path: string): string[] {
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
