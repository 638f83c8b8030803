import { type Json, type JsonLimits, type JsonObject, pathText, readJson } from "../../lib/json/json.ts";
import { show } from "../../lib/quote.ts";
import { isObject, readJsonSchema } from "./json-schema.ts";
import { parseWith } from "./validation.ts";
import type { InputOf, ParsedOf, Schema } from "./schema.ts";

/** The errors that a definition declares: the schema of the data of each, by name. */
export type ErrorSchemas = Readonly<Record<string, Schema>>;
/** The data of declared errors, by name. */
export type ErrorDataOf<Errors> = Errors extends ErrorSchemas
  ? { readonly [Name in keyof Errors]: ParsedOf<Errors[Name]> }
  : unknown;

export interface DeclaredErrorOptions {
  /** Message for people. @default a sentence with the name */
  readonly message?: string;
  /** Whether the retry policy applies. @default false: the task becomes FAILURE at once */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Makes a declared error of a task, to be thrown. */
export type MakeDeclaredError<Errors> = <Name extends keyof Errors & string>(
  name: Name,
  data: InputOf<Errors[Name]>,
  options?: DeclaredErrorOptions,
) => DeclaredError;

/** An error that the definition declares in `errors`. Its name is the declared one. */
export class DeclaredError extends Error {
  readonly kind = "lovage.error";
  override readonly name: string;
  readonly retryable: boolean;

  constructor(
    name: string,
    /** The data, as the code gave it. */
    readonly data: unknown,
    { message, retryable = false, cause }: DeclaredErrorOptions = {},
  ) {
    super(message ?? `The task failed with ${name}.`, cause === undefined ? undefined : { cause });
    this.name = name;
    this.retryable = retryable;
  }
}

/**
 * Reads a thrown value; returns null if it is not a declared error. It compares `kind`: a task file
 * may have loaded another copy of this package.
 */
export function readDeclaredError(thrown: unknown): DeclaredError | null {
  try {
    const isDeclared = thrown instanceof Error && (thrown as { kind?: unknown }).kind === "lovage.error";
    return isDeclared && typeof thrown.name === "string" ? (thrown as DeclaredError) : null;
  } catch {
    // Reading a property may throw: a proxy, a getter.
    return null;
  }
}

/** Data are stored with each attempt, so they are small. */
export const ERROR_DATA_LIMITS = {
  maxDepth: 32,
  maxKeys: 1_000,
  maxBytes: 16 * 1024,
} as const satisfies JsonLimits;

/** Returns the data of a declared error as they are stored, or why they cannot be. */
export async function checkErrorData(
  { errorSchemas }: { readonly errorSchemas: ErrorSchemas | null },
  { name, data }: DeclaredError,
): Promise<{ readonly data: Json } | { readonly problem: string }> {
  const schema = errorSchemas && Object.hasOwn(errorSchemas, name) ? errorSchemas[name] : undefined;
  if (!schema) return { problem: `The definition does not declare the error ${name}.` };
  const parsed = await parseWith(schema, data, ["data"]);
  if (!parsed.ok) {
    const issues = parsed.issues.slice(0, 5).map(({ path, message }) => `${path.join(".")}: ${message}`);
    return { problem: `The data of the error ${name} do not fit the definition: ${issues.join("; ")}` };
  }
  const read = readJson(parsed.value, ERROR_DATA_LIMITS);
  if (!("problem" in read)) return { data: read.value };
  const { path, message, hint } = read.problem;
  return { problem: `The data${pathText(path)} of the error ${name} ${message}. ${hint}` };
}

const ERROR_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;
/** Errors that mean something to the worker. */
const TAKEN = new Set([
  "Error",
  "FatalError",
  "MisfitError",
  "RetryTask",
  "SnoozeTask",
  "RateLimitedTask",
  "TimeLimitExceeded",
  "SoftTimeLimitExceeded",
  "TaskCancelled",
  "WorkerStopping",
]);

/** Returns the schemas of declared errors. Adds a line to `problems` for each that is invalid. */
export function readErrorSchemas(errors: ErrorSchemas | undefined, problems: string[]) {
  if (errors === undefined) return { errorSchemas: null, errorJsonSchemas: {} };
  if (!isObject(errors as unknown as Json)) {
    problems.push(`errors: expected an object of schemas by the names of errors, got ${show(errors)}`);
    return { errorSchemas: null, errorJsonSchemas: {} };
  }
  const named = Object.entries(errors);
  const bad = named.find(([name]) => !ERROR_NAME.test(name) || TAKEN.has(name));
  if (bad)
    problems.push(
      `errors: expected names of up to 64 letters and digits that begin with a capital letter and are not those of Lovage's errors, got ${JSON.stringify(bad[0])}`,
    );
  const printed = named.map(([name, schema]): [string, JsonObject | null] => [
    name,
    readJsonSchema(schema, "output", problems, `errors.${name}`),
  ]);
  const schemas = printed.filter((entry): entry is [string, JsonObject] => entry[1] !== null);
  return { errorSchemas: Object.freeze({ ...errors }), errorJsonSchemas: Object.fromEntries(schemas) };
}
