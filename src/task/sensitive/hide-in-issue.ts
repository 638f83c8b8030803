import type { Issue } from "../../errors.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { hideValues, hideWords } from "./hide-values.ts";
import { keysOfPointer, pointerOf, REDACTED, type Secrets, type SensitivePath } from "./sensitive.ts";

/**
 * What is wrong with a request, without the sensitive values of its args. Where it is about such a
 * value, a short one is hidden too: a schema may quote what it refuses. So are the keys in it.
 *
 * @param path where the request stands in the caller's input
 * @param sensitive the sensitive fields, for values that are not among the secrets
 */
export function hideInIssue(
  issue: Issue,
  path: readonly string[],
  secrets: Secrets,
  sensitive: readonly SensitivePath[] = [],
): Issue {
  const [first, ...own] = issue.path.slice(path.length);
  if (first !== "args") return hideText(issue, secrets, {});
  const about = valuesAt(pointerOf(own), secrets);
  const hidden = [...Object.keys(secrets).map(keysOfPointer), ...sensitive];
  return { ...hideText(issue, secrets, about), path: [...path, "args", ...redactPath(own, hidden)] };
}

function hideText(issue: Issue, secrets: Secrets, about: Secrets): Issue {
  const words = { ...about, ...keysIn(Object.values(about)) };
  const hide = (text: string): string => hideWords(hideValues(text, secrets), words);
  return {
    ...issue,
    message: hide(issue.message),
    ...(issue.hint === undefined ? {} : { hint: hide(issue.hint) }),
  };
}

/**
 * Returns a path into an input with one placeholder for the part that leads into a sensitive value:
 * keys of a record are values of its caller.
 */
function redactPath(path: readonly string[], sensitive: readonly SensitivePath[]): readonly string[] {
  const lengths = sensitive
    .filter((one) => one.length < path.length)
    .filter((one) => one.every((key, index) => key === "*" || key === path[index]))
    .map((one) => one.length);
  return lengths.length === 0 ? path : [...path.slice(0, Math.min(...lengths)), REDACTED];
}

/** The values at, in, or around a path. */
function valuesAt(pointer: string, secrets: Secrets): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).filter(
      ([at]) => `${at}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${at}/`),
    ),
  );
}

/** The keys of the objects in values, as values. */
function keysIn(values: readonly Json[]): Secrets {
  return Object.fromEntries(values.flatMap(objectKeys).map((key) => [key, key]));
}

function objectKeys(value: Json): string[] {
  if (value === null || typeof value !== "object") return [];
  const inner = Object.values(value as JsonObject).flatMap(objectKeys);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}
