import type { Issue } from "../../errors.ts";
import { INPUT_LIMITS, type Json, readJson } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "./definition.ts";
import { findUnknownKeys, parseWith } from "./json-schema.ts";

/**
 * The args of a request as JSON holds them; null, and an issue more, where it cannot. `path` leads
 * to the request.
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

/**
 * What the schema makes of an input; `path` leads to the request that holds it. Adds to `issues`
 * what does not fit. A promise only where the schema itself is asynchronous.
 */
export function checkInput(
  definition: Pick<AnyTaskDefinition, "inputSchema" | "inputJsonSchema">,
  input: Json,
  path: readonly string[],
  issues: Issue[],
): unknown {
  const argsPath = [...path, "args"];
  if (!definition.inputSchema) return input;
  const parsed = parseWith(definition.inputSchema, input, argsPath);
  const take = (result: Awaited<typeof parsed>): unknown => {
    if (!result.ok) issues.push(...result.issues);
    if (definition.inputJsonSchema)
      issues.push(...findUnknownKeys(definition.inputJsonSchema, input, argsPath));
    return result.ok ? result.value : input;
  };
  return parsed instanceof Promise ? parsed.then(take) : take(parsed);
}
