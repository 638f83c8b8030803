import { inspect } from "node:util";
import type { Json } from "../../lib/json/json.ts";
import type { LogFields } from "../../lib/log/log.ts";
import { isError, messageOf, nameOf, readProperty } from "../../lib/thrown.ts";
import { hideIn, hidesAnything } from "../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";

/**
 * A lone surrogate or a NUL, as JSON escapes it: PostgreSQL stores neither. The first alternative
 * skips escaped backslashes.
 */
const UNSTORABLE = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/gi;
const CUT = "…";

/** Returns a message of any type as a string. Never throws. */
export function plainText(message: unknown): string {
  return typeof message === "string" ? message : describe(message);
}

/**
 * Returns fields as JSON without the sensitive values; the same fields when there are none. Never
 * throws.
 */
export function hideFields(
  fields: LogFields | undefined,
  ...secrets: readonly Secrets[]
): LogFields | undefined {
  if (!hidesAnything(secrets)) return fields;
  const text = stringify(fields);
  return text === null ? undefined : (hideIn(JSON.parse(text) as Json, ...secrets) as LogFields);
}

/**
 * Returns a message of any type as a string that PostgreSQL can store, cut to `maxBytes`. Never
 * throws.
 */
export function messageText(message: unknown, maxBytes: number): string {
  return cutBytes(plainText(message), maxBytes).replaceAll("\u0000", "\uFFFD").toWellFormed();
}

/**
 * Returns fields as a JSON object that PostgreSQL can store, of at most `maxBytes`; null for none.
 * A value that JSON cannot hold must neither fail a task that only logs it, nor remove the other
 * fields. Never throws.
 */
export function fieldsText(fields: LogFields | undefined, maxBytes: number): string | null {
  const text = stringify(fields);
  if (text === null || text === "{}") return null;
  const clean = text.replaceAll(UNSTORABLE, (found) => (found === "\\\\" ? found : "\\ufffd"));
  if (fits(clean, maxBytes)) return clean;
  return JSON.stringify({ fieldsStart: clean.slice(0, 1_000).toWellFormed() });
}

function stringify(fields: unknown): string | null {
  if (fields === undefined || fields === null) return null;
  if (typeof fields !== "object" || Array.isArray(fields)) return oneByOne({ fields });
  try {
    return JSON.stringify(fields, plain) ?? null;
  } catch {
    return oneByOne(fields);
  }
}

function oneByOne(fields: object): string {
  const parts = keysOf(fields).map((key) => `${JSON.stringify(key)}:${valueText(fields, key)}`);
  return `{${parts.join(",")}}`;
}

function keysOf(fields: object): string[] {
  try {
    return Object.keys(fields);
  } catch {
    return []; // A proxy may throw here too.
  }
}

function valueText(fields: object, key: string): string {
  try {
    const value = (fields as Readonly<Record<string, unknown>>)[key];
    return JSON.stringify(value, plain) ?? JSON.stringify(describe(value));
  } catch (error) {
    return JSON.stringify(`[not JSON: ${isError(error) ? messageOf(error) : describe(error)}]`);
  }
}

/**
 * Replaces values that JSON would drop, or turn into `{}` or null, by strings. Undefined properties
 * are left out.
 */
function plain(this: unknown, key: string, value: unknown): unknown {
  switch (typeof value) {
    case "object":
      return value === null ? plainNull(readProperty(this, key)) : plainObject(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      return describe(value);
    default:
      return value;
  }
}

/** `toJSON` of an invalid Date returns null. */
function plainNull(given: unknown): unknown {
  return given === null ? null : describe(given);
}

function plainObject(value: object): unknown {
  if (isError(value))
    return { type: nameOf(value), message: messageOf(value), stack: readProperty(value, "stack") };
  return LOST_BY_JSON.some((type) => value instanceof type) || ArrayBuffer.isView(value)
    ? describe(value)
    : value;
}

const LOST_BY_JSON = [Map, Set, WeakMap, WeakSet, Promise, RegExp, ArrayBuffer] as const;

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 1_000 });
  } catch {
    return `[unreadable ${typeof value}]`;
  }
}

function fits(text: string, maxBytes: number): boolean {
  // A UTF-16 unit has at most three bytes: most strings need no count.
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function cutBytes(text: string, maxBytes: number): string {
  if (fits(text, maxBytes)) return text;
  const bytes = Buffer.from(text.slice(0, maxBytes)).subarray(0, maxBytes - Buffer.byteLength(CUT));
  // The cut may lie within a character.
  return `${bytes.toString().replace(/\uFFFD$/, "")}${CUT}`;
}
