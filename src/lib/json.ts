export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface JsonLimits {
  /** Levels of nesting. @default 32 */
  readonly maxDepth: number;
  /** Keys and elements in all. @default 10_000 */
  readonly maxKeys: number;
  /** UTF-8 bytes of the serialised value. @default 262_144 */
  readonly maxBytes: number;
}

export const INPUT_LIMITS = {
  maxDepth: 32,
  maxKeys: 10_000,
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

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Checks that a value is JSON which PostgreSQL can store and that stays within the limits. Walks with its own stack, so that
 * a deeply nested value costs memory, never the call stack. Returns the first problem, or null.
 */
export function findJsonProblem(value: unknown, limits: JsonLimits): JsonProblem | null {
  const stack: { value: unknown; path: readonly string[] }[] = [{ value, path: [] }];
  let keys = 0;
  for (let next = stack.pop(); next; next = stack.pop()) {
    const problem = scalarProblem(next.value, next.path);
    if (problem) return problem;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.path.length >= limits.maxDepth) {
      return at(next.path.slice(0, 4), `is nested more than ${limits.maxDepth} deep`, "Flatten the value.");
    }
    for (const [key, child] of Object.entries(next.value)) {
      keys += 1;
      if (keys > limits.maxKeys) {
        return at(
          [],
          `holds more than ${limits.maxKeys} keys and elements`,
          "Store the data and pass a reference.",
        );
      }
      const keyProblem = Array.isArray(next.value) ? null : findKeyProblem(key, next.path);
      if (keyProblem) return keyProblem;
      if (child !== undefined) stack.push({ value: child, path: [...next.path, key] });
    }
  }
  return null;
}

/** Size check on the serialised text, apart from the walk, so that the text is made only once. */
export function findSizeProblem(text: string, limits: JsonLimits): JsonProblem | null {
  // Every UTF-16 unit is at least one byte and at most three: most texts need no count.
  if (text.length * 3 <= limits.maxBytes) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes <= limits.maxBytes) return null;
  const message = `is ${Math.ceil(bytes / 1024)} KiB; the limit is ${limits.maxBytes / 1024} KiB`;
  return at([], message, "Store the data and pass a reference.");
}

function scalarProblem(value: unknown, path: readonly string[]): JsonProblem | null {
  switch (typeof value) {
    case "string":
      return textProblem(value, path);
    case "number":
      if (!Number.isFinite(value))
        return at(path, `is ${value}, which JSON cannot hold`, "Send null or a string.");
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        return at(path, `is ${value}, which is not a safe JSON number`, "Send it as a string.");
      }
      return null;
    case "boolean":
      return null;
    case "object":
      return objectProblem(value, path);
    default:
      return at(path, `is a ${typeof value}, which JSON cannot hold`, "Send plain JSON.");
  }
}

function objectProblem(value: object | null, path: readonly string[]): JsonProblem | null {
  if (value === null || Array.isArray(value)) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return null;
  const name = value.constructor?.name ?? "object";
  return at(
    path,
    `is a ${name}, which JSON cannot hold`,
    "Send plain objects, lists, texts, numbers and booleans.",
  );
}

function findKeyProblem(key: string, path: readonly string[]): JsonProblem | null {
  if (FORBIDDEN_KEYS.has(key))
    return at(path, `has the key "${key}", which is not allowed`, "Rename the key.");
  return textProblem(key, path);
}

function textProblem(text: string, path: readonly string[]): JsonProblem | null {
  if (text.includes("\u0000")) {
    return at(
      path,
      "holds U+0000, which PostgreSQL cannot store",
      "Remove the character, or encode the text as base64.",
    );
  }
  if (!text.isWellFormed()) {
    return at(
      path,
      "holds half of a surrogate pair, which is not valid Unicode",
      "Send well-formed UTF-8 text.",
    );
  }
  return null;
}

function at(path: readonly string[], message: string, hint: string): JsonProblem {
  return { path, message, hint };
}

/** JSON text that is equal for values that PostgreSQL holds to be equal: keys are in order. */
export function toCanonicalJson(value: Json): string {
  return JSON.stringify(value, (_, inner: Json) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
