/**
 * Whatever was thrown is read here: a getter, a proxy or `toJSON` that throws loses what it stands
 * for, and nothing else.
 */

/** Whether a value is an Error, of another realm too. Never throws. */
export function isError(value: unknown): value is Error {
  try {
    // The tag is that of an Error of another realm. Browsers have no `isNativeError`.
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
  } catch {
    return false; // A proxy may refuse even that.
  }
}

/** A property; undefined where it cannot be read. Never throws. */
export function readProperty(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return Reflect.get(value, key) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns the name of an Error, or that of its class if `name` is not a string. Never throws. */
export function nameOf(error: unknown): string {
  for (const name of [readProperty(error, "name"), readProperty(readProperty(error, "constructor"), "name")])
    if (typeof name === "string" && name !== "") return name;
  return "Error";
}

/**
 * Returns the message of an Error. If it is empty, returns the `code` or the message of the first
 * of its `errors`: Node throws an AggregateError without a message if no address of a host accepts
 * a connection. Never throws.
 */
export function messageOf(error: unknown): string {
  if (!isError(error)) return describeThrown(error);
  const message = readMessage(error);
  if (message !== "") return message;
  const code = readProperty(error, "code");
  if (typeof code === "string" && code !== "") return code;
  const [first] = errorsOf(error);
  return first === undefined || first === error
    ? ""
    : isError(first)
      ? readMessage(first)
      : describeThrown(first);
}

/**
 * The errors that an AggregateError stands for, and those in the `errors` of any other. Never
 * throws.
 */
export function errorsOf(error: unknown): readonly unknown[] {
  const errors = readProperty(error, "errors");
  try {
    if (!Array.isArray(errors)) return [];
    const some: unknown[] = errors.slice(0, MAX_ERRORS);
    // Libraries keep lists of plain objects under this name; what Promise.any was rejected with may
    // be anything.
    return nameOf(error) === "AggregateError" ? some : some.filter(isError);
  } catch {
    return [];
  }
}

/** A thrown value that is not an Error, for people. Never throws. */
function describeThrown(thrown: unknown): string {
  return `A value that is not an Error was thrown: ${valueText(thrown)}`;
}

/** A value as JSON, or what it is. Never throws. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return `${value}`;
  try {
    return JSON.stringify(value) ?? (value === undefined ? "undefined" : `a ${typeof value}`);
  } catch {
    return "an object that is not JSON";
  }
}

/** More are not looked at. */
const MAX_ERRORS = 16;
const UNREADABLE = "(Its message cannot be read.)";

function readMessage(error: Error): string {
  try {
    const message: unknown = error.message;
    return typeof message === "string" ? message : valueText(message);
  } catch {
    return UNREADABLE;
  }
}

/** Converts any thrown value to an Error. Never throws. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(describeThrown(thrown), { cause: thrown });
}
