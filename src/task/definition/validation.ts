import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Issue } from "../../errors.ts";
import { INPUT_LIMITS, type Json, type JsonObject, readJson } from "../../lib/json/json.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { isObject } from "./json-schema.ts";
import type { Schema } from "./schema.ts";

/**
 * Returns the args of a request as JSON; null if they are not JSON, and adds the issue to `issues`.
 *
 * @param path the path of the request
 */
export function readArgs(
  args: unknown,
  path: readonly string[],
  issues: Issue[],
): { readonly input: Json } | null {
  const read = readJson(args, INPUT_LIMITS);
  if (!("problem" in read)) return { input: read.value };
  const { message, hint } = read.problem;
  issues.push({
    ...{ code: "INVALID_INPUT", message: `${message}.`, hint },
    path: [...path, "args", ...read.problem.path],
  });
  return null;
}

/** The two schemas of a definition's input; null if it has none. */
interface InputSchemas {
  readonly inputSchema: Schema | null;
  readonly inputJsonSchema: JsonObject | null;
}

/**
 * Returns the input as the schema parsed it, and adds to `issues` what does not fit. Returns a promise
 * only for an asynchronous schema.
 *
 * @param path the path of the request that contains the input
 */
export function checkInput(
  { inputSchema, inputJsonSchema }: InputSchemas,
  input: Json,
  path: readonly string[],
  issues: Issue[],
): unknown {
  const argsPath = [...path, "args"];
  if (!inputSchema) return input;
  const parsed = parseWith(inputSchema, input, argsPath);
  const take = (result: Awaited<typeof parsed>): unknown => {
    if (!result.ok) issues.push(...result.issues);
    if (inputJsonSchema) issues.push(...findUnknownKeys(inputJsonSchema, input, argsPath));
    return result.ok ? result.value : input;
  };
  return parsed instanceof Promise ? parsed.then(take) : take(parsed);
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
