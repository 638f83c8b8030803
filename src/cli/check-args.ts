import { shorten, show } from "../lib/quote.ts";
import { z } from "zod";
import type { Issue } from "../errors.ts";
import { INPUT_LIMITS, type Json, type JsonObject, readJson } from "../lib/json/json.ts";
import { findUnknownKeys } from "../task/definition/validation.ts";
import { hideInIssue } from "../task/sensitive/hide-in-issue.ts";
import { redact, REDACTED, splitSecrets } from "../task/sensitive/sensitive.ts";

export interface ArgsCheck {
  readonly issues: readonly Issue[];
  /** Why the schema could not be applied here; null if it was. */
  readonly unchecked: string | null;
}

/**
 * Checks a task's args with the server's JSON Schema, as the server will. Paths begin with `args`.
 *
 * @param sensitive paths of values that the issues must not show
 */
export function checkArgs(
  schema: JsonObject | null,
  args: Json,
  sensitive: readonly string[] = [],
): ArgsCheck {
  const read = readJson(args, INPUT_LIMITS);
  if ("problem" in read) {
    const { message, hint, path } = read.problem;
    return {
      issues: [{ code: "INVALID_INPUT", path: ["args", ...path], message: `${message}.`, hint }],
      unchecked: null,
    };
  }
  if (schema === null) return { issues: [], unchecked: null };
  try {
    // A schema that zod cannot express throws here: then the server alone checks.
    const { error } = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema).safeParse(args);
    const paths = sensitive.map((path) => path.split("."));
    const secrets = splitSecrets(args, paths)?.secrets ?? {};
    const shown = redact(args, paths);
    const found = firstPerPath(error?.issues ?? []).map((issue) => toIssue(issue, shown));
    const issues = [...found, ...findUnknownKeys(schema, args, ["args"])];
    return { issues: issues.map((issue) => hideInIssue(issue, [], secrets, paths)), unchecked: null };
  } catch (error) {
    return { issues: [], unchecked: error instanceof Error ? error.message : String(error) };
  }
}

/** The first issue of each path: a format and its pattern both reject the same value. */
function firstPerPath(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return [...new Map(issues.toReversed().map((issue) => [issue.path.join("\n"), issue])).values()].reverse();
}

function toIssue(issue: z.core.$ZodIssue, args: Json): Issue {
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    args,
  );
  const got = value === REDACTED ? REDACTED : show(value);
  const found = value === undefined ? "but it is missing" : `got ${got}`;
  const path = ["args", ...issue.path.map(String)];
  return { code: "INVALID_INPUT", path, message: `${describe(issue)}, ${found}.` };
}

function describe(issue: z.core.$ZodIssue): string {
  const expected = issue.code === "invalid_union" ? unionTypes(issue.errors) : [];
  return bareRule(expected.length > 0 ? `expected ${expected.join(" or ")}` : issue.message);
}

/** Returns the rule in the message of a schema, without the value. */
export function bareRule(message: string): string {
  const rule = message.replace(/^Invalid input: /, "").replace(/, received .*$/, "");
  return shorten(rule, 120);
}

function unionTypes(branches: readonly (readonly z.core.$ZodIssue[])[]): string[] {
  return branches
    .flat()
    .flatMap((issue) => (issue.code === "invalid_type" && issue.path.length === 0 ? issue.expected : []));
}
