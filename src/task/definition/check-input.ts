import type { Issue } from "../../errors.ts";
import { INPUT_LIMITS, type Json, readJson } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "./definition.ts";
import { findUnknownKeys, parseWith } from "./json-schema.ts";

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

/**
 * Returns the input as the schema parsed it, and adds to `issues` what does not fit. Returns a promise
 * only for an asynchronous schema.
 *
 * @param path the path of the request that contains the input
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
