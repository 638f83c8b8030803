import type { Issue } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { show } from "../../lib/quote.ts";
import { messageOf, toError } from "../../lib/thrown.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { parseWith } from "../../task/definition/validation.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { keysOfPointer, redact, REDACTED, splitSecrets } from "../../task/sensitive/sensitive.ts";
import { findSealed } from "../../task/sensitive/vault.ts";
import { bareRule } from "../check-args.ts";
import type { WaitingInput } from "./production.ts";

/** Why the schema of a definition refuses an input. */
export interface InputProblem {
  /** The place with `*` for an index: equal problems of several inputs are counted together. */
  readonly place: string;
  readonly rule: string;
  /** The problem in full, with the value. */
  readonly text: string;
}

export interface InputCheck {
  readonly problems: readonly InputProblem[];
  /** Whether it has values that cannot be read here, so that problems at their places do not count. */
  readonly isPartial: boolean;
}

/** Checks a stored input as the worker does before it runs the code. Shows no sensitive value. */
export async function checkWaitingInput(
  definition: AnyTaskDefinition,
  { args, secrets, problem }: WaitingInput,
): Promise<InputCheck> {
  if (problem !== null)
    return { problems: [{ place: "args", rule: problem, text: problem }], isPartial: false };
  const unknown = [...hiddenIn(args), ...findSealed(args)];
  const hidden = Object.keys(secrets).map(keysOfPointer);
  const shown = redact(args, [...hidden, ...definition.sensitive]);
  const values = { ...splitSecrets(args, definition.sensitive)?.secrets, ...secrets };
  const issues = await issuesOf(definition, args);
  const problems = issues
    .filter(({ path }) => !unknown.some((at) => meet(path.slice(1), at)))
    .map((issue) => toProblem(hideInIssue(issue, [], values, definition.sensitive), shown));
  return { problems, isPartial: unknown.length > 0 };
}

/** A code of a schema that throws, throws in the worker too. */
async function issuesOf({ inputSchema }: AnyTaskDefinition, args: Json): Promise<readonly Issue[]> {
  if (inputSchema === null) return [];
  try {
    const parsed = await parseWith(inputSchema, args, ["args"]);
    return parsed.ok ? [] : parsed.issues;
  } catch (error) {
    return [{ code: "INVALID_INPUT", path: ["args"], message: messageOf(toError(error)) }];
  }
}

function toProblem({ path, message }: Issue, shown: Json): InputProblem {
  const value = valueAt(shown, path.slice(1));
  const rule = bareRule(message);
  const got =
    value === undefined ? "but it is missing" : `got ${value === REDACTED ? REDACTED : show(value)}`;
  const place = path.map((key) => (/^\d+$/.test(key) ? "*" : key)).join(".");
  return { place, rule, text: `${path.join(".")}: ${rule}, ${got}` };
}

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, key) =>
      inner === REDACTED
        ? inner
        : typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
          ? (inner as JsonObject)[key]
          : undefined,
    value,
  );
}

/** Returns the paths of placeholders. */
function hiddenIn(args: Json): readonly (readonly string[])[] {
  if (args === REDACTED) return [[]];
  if (args === null || typeof args !== "object") return [];
  return Object.entries(args as JsonObject).flatMap(([key, child]) =>
    hiddenIn(child).map((path) => [key, ...path]),
  );
}

/** Whether one of two paths leads to, into, or around what the other leads to. */
function meet(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((key, index) => key === other[index]);
}
