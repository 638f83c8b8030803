import { messageOf, readProperty } from "./thrown.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface JsonLimits {
  /** Levels of nesting. */
  readonly maxDepth: number;
  /** Keys and elements in all. */
  readonly maxKeys: number;
  /** UTF-8 bytes of the serialised value. */
  readonly maxBytes: number;
}

export const INPUT_LIMITS = {
  maxDepth: 32,
  maxKeys: 100_000,
  maxBytes: 256 * 1024,
} as const satisfies JsonLimits;
/** Outputs are made by the user's own code, so they get more room. */
export const OUTPUT_LIMITS = {
  maxDepth: 64,
  maxKeys: 100_000,
  maxBytes: 1024 * 1024,
} as const satisfies JsonLimits;

/** Why a value is not storable JSON: where, what was found, and what to do. */
export interface JsonProblem {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint: string;
}

/** A value as JSON holds it, and that as a string; or why it cannot. */
export type ReadJson = { readonly value: Json; readonly text: string } | { readonly problem: JsonProblem };

/**
 * Reads a value as JSON that PostgreSQL can store and that stays within the limits: the one rule for inputs, outputs, and all else that tasks
 * and callers hand over. What `toJSON` gives takes the place of a value that has it, as a Date does, and properties that are undefined are left
 * out. Whatever else JSON would change or drop in silence is a problem. Never throws.
 */
export function readJson(value: unknown, limits: JsonLimits): ReadJson {
  const reader = new JsonReader(limits);
  const plain = reader.read(value, "");
  if (plain === undefined) return { problem: reader.problem! };
  const text = JSON.stringify(plain);
  const problem = findSizeProblem(text, limits);
  return problem ? { problem } : { value: plain, text };
}

/** Why a value is not JSON that PostgreSQL can store, whatever its size; null where it is. Never throws. */
export function findJsonProblem(value: unknown, limits: JsonLimits): JsonProblem | null {
  const reader = new JsonReader(limits);
  reader.read(value, "");
  return reader.problem;
}

/** Size check on the serialised text, apart from the walk, so that the text is made only once. */
function findSizeProblem(text: string, limits: JsonLimits): JsonProblem | null {
  // Every UTF-16 unit is at least one byte and at most three: most texts need no count.
  if (text.length * 3 <= limits.maxBytes) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limits.maxBytes) return null;
  const message = `is ${Math.ceil(bytes / 1024)} KiB; the limit is ${limits.maxBytes / 1024} KiB`;
  return { path: [], message, hint: "Store the data and pass a reference." };
}

/** A path as it follows the name of a value: `.list.0.x`. */
export function pathText(path: readonly string[]): string {
  return path.map((key) => `.${key}`).join("");
}

const PLAIN = "Use plain objects, arrays, strings, numbers and booleans.";

/** Copies one value. The depth is bounded, so that the call stack is too. */
class JsonReader {
  problem: JsonProblem | null = null;
  readonly #path: string[] = [];
  #keys = 0;

  constructor(private readonly limits: JsonLimits) {}

  /** Undefined when there is a problem, which is kept. @param key what holds the value, for `toJSON` */
  read(value: unknown, key: string): Json | undefined {
    switch (typeof value) {
      case "string":
        return this.#isStorable(value) ? value : undefined;
      case "number":
        if (Number.isFinite(value)) return value;
        return this.#refuse(`is ${value}, which JSON cannot hold`, "Use null or a string.");
      case "boolean":
        return value;
      case "object":
        return value === null ? null : this.#object(value, key);
      default:
        return this.#refuse(`is ${nounOf(value)}, which JSON cannot hold`, PLAIN);
    }
  }

  #object(value: object, key: string): Json | undefined {
    if (this.#path.length >= this.limits.maxDepth) {
      this.#path.length = Math.min(this.#path.length, 4);
      return this.#refuse(
        `is nested more than ${this.limits.maxDepth} deep, or refers to itself`,
        "Flatten the value.",
      );
    }
    try {
      const toJson: unknown = (value as { readonly toJSON?: unknown }).toJSON;
      if (typeof toJson === "function") return this.#given(value, (toJson as Function).call(value, key));
      return Array.isArray(value) ? this.#list(value) : this.#plain(value);
    } catch (error) {
      return this.#refuse(`cannot be read: ${messageOf(error)}`, PLAIN);
    }
  }

  /** What `toJSON` gave. It is not asked again, as JSON does not. */
  #given(value: object, given: unknown): Json | undefined {
    if (value instanceof Date && given === null)
      return this.#refuse("is an invalid Date, which JSON cannot hold", "Use a valid Date or null.");
    if (typeof given !== "object" || given === null) return this.read(given, "");
    return Array.isArray(given) ? this.#list(given) : this.#plain(given);
  }

  #list(list: readonly unknown[]): Json | undefined {
    const copy: Json[] = [];
    for (let index = 0; index < list.length; index += 1) {
      const item = this.#child(list[index], String(index));
      if (item === undefined) return undefined;
      copy.push(item);
    }
    return copy;
  }

  #plain(value: object): Json | undefined {
    if (!isPlain(value)) return this.#refuse(`is ${nounOf(value)}, which JSON cannot hold`, PLAIN);
    const copy: Record<string, Json> = {};
    for (const key of Object.keys(value)) {
      const child: unknown = (value as Readonly<Record<string, unknown>>)[key];
      if (child === undefined) continue;
      // Not only here would it be taken for something else: code that copies objects key by key sets the prototype by it.
      if (key === "__proto__")
        return this.#refuse('has the key "__proto__", which is not allowed', "Rename the key.");
      if (!this.#isStorable(key)) return undefined;
      const item = this.#child(child, key);
      if (item === undefined) return undefined;
      copy[key] = item;
    }
    return copy;
  }

  #child(value: unknown, key: string): Json | undefined {
    this.#keys += 1;
    if (this.#keys > this.limits.maxKeys) {
      this.#path.length = 0;
      return this.#refuse(
        `holds more than ${this.limits.maxKeys} keys and elements`,
        "Store the data and pass a reference.",
      );
    }
    this.#path.push(key);
    const read = this.read(value, key);
    if (read !== undefined) this.#path.pop();
    return read;
  }

  #isStorable(text: string): boolean {
    if (!text.includes("\u0000") && text.isWellFormed()) return true;
    if (text.includes("\u0000"))
      this.#refuse(
        "holds U+0000, which PostgreSQL cannot store",
        "Remove the character, or encode the string as base64.",
      );
    else
      this.#refuse("holds half of a surrogate pair, which is not valid Unicode", "Send well-formed UTF-8.");
    return false;
  }

  #refuse(message: string, hint: string): undefined {
    this.problem ??= { path: [...this.#path], message, hint };
    return undefined;
  }
}

/** Of this realm or another: an object without a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype as object) === null
  );
}

function nounOf(value: unknown): string {
  if (value === undefined) return "undefined";
  const name =
    typeof value === "object" ? readProperty(readProperty(value, "constructor"), "name") : typeof value;
  const noun = typeof name === "string" && name !== "" ? name : "object";
  // Names of classes that begin with U are spoken as in "a URL" and "a Uint8Array".
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** JSON text that is equal for values that PostgreSQL holds to be equal: keys are in order. */
export function toCanonicalJson(value: Json): string {
  return JSON.stringify(value, (_, inner: Json) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
