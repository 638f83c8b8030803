import { show } from "../../lib/quote.ts";

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Selects errors: an array of classes and of names (of an error, or of one of its classes), or a
 * function of the thrown value that returns a boolean synchronously.
 */
export type ErrorMatch = readonly (ErrorClass | string)[] | ((error: unknown) => boolean);

/** Adds a line to `problems` for an invalid match. */
export function checkErrorMatch(key: string, match: ErrorMatch | undefined, problems: string[]): void {
  if (match === undefined) return;
  const rule = `${key}: expected an array of error classes and names, or a function that takes the error and returns a boolean`;
  if (typeof match === "function") {
    if (isErrorClass(match)) problems.push(`${rule}, got the class ${match.name}. Put it into an array`);
    return;
  }
  if (!Array.isArray(match)) {
    problems.push(`${rule}, got ${show(match)}`);
    return;
  }
  const bad = (match as readonly unknown[]).find((one) => !isName(one) && !isErrorClass(one));
  if (bad !== undefined) problems.push(`${rule}, got an array with ${describe(bad)}`);
}

/**
 * Returns whether an error matches.
 * @throws what the function throws; TypeError if it does not return a boolean
 */
export function matchesError(match: ErrorMatch, thrown: unknown): boolean {
  if (typeof match === "function") {
    const result: unknown = match(thrown);
    if (typeof result === "boolean") return result;
    if (result instanceof Promise) result.catch(() => undefined); // Its rejection must not end the process.
    throw new TypeError(`The function returned ${describe(result)}, not a boolean.`);
  }
  return match.some((one) =>
    // By name too: a task file may have loaded another copy of this package.
    typeof one === "string" ? isNamed(thrown, one) : thrown instanceof one || isNamed(thrown, one.name),
  );
}

function isNamed(thrown: unknown, name: string): boolean {
  if (!(thrown instanceof Error) || name === "") return false;
  if (thrown.name === name) return true;
  let prototype = Object.getPrototypeOf(thrown) as object | null;
  for (; prototype !== null && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    if (prototype.constructor.name === name) return true;
  }
  return false;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isErrorClass(value: unknown): value is ErrorClass {
  if (typeof value !== "function") return false;
  const { prototype } = value as { prototype?: unknown };
  return value === Error || prototype instanceof Error;
}

function describe(value: unknown): string {
  return typeof value === "function"
    ? `the function ${value.name || "without a name"}`
    : (JSON.stringify(value) ?? String(value));
}
