import { messageOf, readProperty } from "../thrown.ts";

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

/** A value as JSON holds it; or why it cannot. */
export type ReadJson = { readonly value: Json } | { readonly problem: JsonProblem };

/**
 * Reads a value as JSON that PostgreSQL can store and that stays within the limits: the one rule
 * for inputs, outputs, and all else that tasks and callers hand over. What `toJSON` gives takes the
 * place of a value that has it, as a Date does, and properties that are undefined are left out.
 * Whatever else JSON would change or drop in silence is a problem. Never throws.
 */
export function readJson(value: unknown, limits: JsonLimits): ReadJson {
  const reader = new JsonReader(limits);
  const plain = reader.read(value, "");
  const problem = plain === undefined ? reader.problem! : findSizeProblem(plain, reader.bytesAtMost, limits);
  return problem ? { problem } : { value: plain! };
}

/**
 * Why a value is not JSON that PostgreSQL can store, whatever its size; null where it is. Never
 * throws.
 */
export function findJsonProblem(value: unknown, limits: JsonLimits): JsonProblem | null {
  const reader = new JsonReader(limits);
  reader.read(value, "");
  return reader.problem;
}

/** The value is serialised and measured only where it may be too large. */
function findSizeProblem(
  value: Json | undefined,
  bytesAtMost: number,
  { maxBytes }: JsonLimits,
): JsonProblem | null {
  if (bytesAtMost <= maxBytes) return null;
  // Not Buffer: the client checks inputs in browsers.
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (bytes <= maxBytes) return null;
  const message = `is ${Math.ceil(bytes / 1024)} KiB; the limit is ${maxBytes / 1024} KiB`;
  return { path: [], message, hint: "Store the data and pass a reference." };
}

/** A path as it follows the name of a value: `.list.0.x`. */
export function pathText(path: readonly string[]): string {
  return path.map((key) => `.${key}`).join("");
}

const PLAIN = "Use plain objects, arrays, strings, numbers and booleans.";

/**
 * Bytes of a JSON string at most, with its quotes: a UTF-16 unit takes six as `\u0007`, and
 * otherwise three.
 */
const bytesOf = (text: string): number => 6 * text.length + 2;
/** `-1.7976931348623157e+308` has 24. */
const NUMBER_BYTES = 24;
/** Also those of `false`, `null` and the brackets of an object or an array. */
const WORD_BYTES = 5;

/** Copies one value. The depth is bounded, so that the call stack is too. */
class JsonReader {
  /** UTF-8 bytes of the copy as JSON, at most. */
  bytesAtMost = 0;
  #depth = 0;
  #keys = 0;
  /** Its path grows on the way back to the root. */
  #found: (JsonProblem & { readonly path: string[]; readonly maxPath: number }) | null = null;

  constructor(private readonly limits: JsonLimits) {}

  get problem(): JsonProblem | null {
    if (!this.#found) return null;
    const { path, maxPath, message, hint } = this.#found;
    return { path: path.toReversed().slice(0, maxPath), message, hint };
  }

  /**
   * Undefined when there is a problem, which is kept.
   *
   * @param key what holds the value, for `toJSON`
   */
  read(value: unknown, key: string | number): Json | undefined {
    switch (typeof value) {
      case "string":
        return this.#isStorable(value) ? value : undefined;
      case "number":
        this.bytesAtMost += NUMBER_BYTES;
        if (Number.isFinite(value)) return value;
        return this.#refuse(`is ${value}, which JSON cannot hold`, "Use null or a string.");
      case "boolean":
        this.bytesAtMost += WORD_BYTES;
        return value;
      case "object":
        this.bytesAtMost += WORD_BYTES;
        return value === null ? null : this.#object(value, key);
      default:
        return this.#refuse(`is ${nounOf(value)}, which JSON cannot hold`, PLAIN);
    }
  }

  #object(value: object, key: string | number): Json | undefined {
    const { maxDepth } = this.limits;
    if (this.#depth >= maxDepth)
      return this.#refuse(
        `is nested more than ${maxDepth} deep, or refers to itself`,
        "Flatten the value.",
        4,
      );
    try {
      const toJson: unknown = (value as { readonly toJSON?: unknown }).toJSON;
      if (typeof toJson === "function")
        return this.#given(value, (toJson as Function).call(value, String(key)));
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
      const item = this.#child(list[index], index);
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
      // Not only here would it be taken for something else: code that copies objects key by key
      // sets the prototype by it.
      if (key === "__proto__")
        return this.#refuse('has the key "__proto__", which is not allowed', "Rename the key.");
      if (!this.#isStorable(key)) return undefined;
      const item = this.#child(child, key);
      if (item === undefined) return undefined;
      copy[key] = item;
    }
    return copy;
  }

  #child(value: unknown, key: string | number): Json | undefined {
    this.#keys += 1;
    if (this.#keys > this.limits.maxKeys)
      return this.#refuse(
        `holds more than ${this.limits.maxKeys} keys and elements`,
        "Store the data and pass a reference.",
        0,
      );
    // The comma, and the colon after a key.
    this.bytesAtMost += 2;
    this.#depth += 1;
    const read = this.read(value, key);
    this.#depth -= 1;
    if (read === undefined) this.#found?.path.push(String(key));
    return read;
  }

  /** Counts the bytes of those that are. */
  #isStorable(text: string): boolean {
    this.bytesAtMost += bytesOf(text);
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

  /** @param maxPath how many keys of the path the problem names */
  #refuse(message: string, hint: string, maxPath = Infinity): undefined {
    this.#found ??= { path: [], message, hint, maxPath };
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
