import { didYouMean } from "../../lib/suggestion.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Issue } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { describeJsonLess, MARK_JSON_LESS } from "./json-less.ts";
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

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: Issue[] };

/** Validates a value, synchronously if the schema allows it. Paths of issues begin with `path`. */
export function parseWith(schema: Schema, value: unknown, path: readonly string[]): Parsed | Promise<Parsed> {
  const toParsed = (result: StandardSchemaV1.Result<unknown>): Parsed => {
    if (result.issues === undefined) return { ok: true, value: result.value };
    return { ok: false, issues: result.issues.map((issue) => toIssue(issue, path)) };
  };
  const pending = schema["~standard"].validate(value);
  return pending instanceof Promise ? pending.then(toParsed) : toParsed(pending);
}

function toIssue(issue: StandardSchemaV1.Issue, path: readonly string[]): Issue {
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return { code: "INVALID_INPUT", message: issue.message, path: [...path, ...keys] };
}

/**
 * Returns the keys that an object schema does not name. Schema libraries drop them silently, which
 * turns a typo into a default; the caller should receive an error. Schemas that allow other keys
 * (`additionalProperties`) are respected.
 */
export function findUnknownKeys(schema: JsonObject, value: Json, path: readonly string[]): Issue[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!isObject(items)) return [];
    return value.flatMap((item: Json, index) => findUnknownKeys(items, item, [...path, String(index)]));
  }
  const { properties } = schema;
  if (!isObject(value) || !isObject(properties) || schema["additionalProperties"] !== undefined) return [];
  const issues: Issue[] = [];
  for (const key of Object.keys(value)) {
    const inner = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const child = value[key]!;
    if (inner === undefined) issues.push(unknownKey(key, Object.keys(properties), path));
    else if (typeof child === "object" && isObject(inner))
      issues.push(...findUnknownKeys(inner, child, [...path, key]));
  }
  return issues;
}

function unknownKey(key: string, allowed: readonly string[], path: readonly string[]): Issue {
  const names = `Allowed: ${allowed.length > 0 ? allowed.join(", ") : "none"}.`;
  return {
    code: "INVALID_INPUT",
    message: "is not allowed.",
    path: [...path, key],
    hint: [didYouMean(key, allowed, undefined) ?? [], names].flat().join(" "),
  };
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
