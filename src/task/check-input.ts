import type { Issue } from "../errors.ts";
import { findJsonProblem, findSizeProblem, INPUT_LIMITS, type Json } from "../lib/json.ts";
import type { AnyTaskDefinition } from "./definition.ts";
import { findUnknownKeys, parseWith } from "./json-schema.ts";

/** Checks what a caller, or a task, sends as input, and gives back what the schema makes of it; `path` leads to the request that holds it. Adds to `issues` what is wrong with it. A promise only where the schema itself is asynchronous. */
export function checkInput(
  definition: Pick<AnyTaskDefinition, "inputSchema" | "inputJsonSchema">,
  input: Json,
  path: readonly string[],
  issues: Issue[],
): unknown {
  const argsPath = [...path, "args"];
  const problem =
    findJsonProblem(input, INPUT_LIMITS) ?? findSizeProblem(JSON.stringify(input), INPUT_LIMITS);
  if (problem) {
    const where = [...argsPath, ...problem.path];
    issues.push({ code: "INVALID_INPUT", path: where, message: `${problem.message}.`, hint: problem.hint });
    return input;
  }
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
