import type { Json, JsonObject } from "../../lib/json/json.ts";

/** A path into an input: keys, indices as strings, and `*` for all of them. */
export type SensitivePath = readonly string[];
/** Values removed from an input, by JSON Pointer. */
export type Secrets = Readonly<Record<string, Json>>;

/** Placeholder of a hidden value. */
export const REDACTED = "[redacted]";

/** An input without its sensitive values, and those values. */
export interface SplitInput {
  /** The input with placeholders. */
  readonly shown: Json;
  readonly secrets: Secrets;
}

/** Splits an input; returns null if it has no sensitive value. */
export function splitSecrets(input: Json, paths: readonly SensitivePath[]): SplitInput | null {
  const found = new Map<string, Json>();
  let shown = input;
  for (const path of paths) shown = take(shown, path, "", found);
  if (found.size === 0) return null;
  // Sorted, so that equal secrets give equal strings.
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return { shown, secrets: Object.fromEntries(sorted) };
}

/** Returns an input with its sensitive values restored. */
export function mergeSecrets(shown: Json, secrets: Secrets): Json {
  return Object.entries(secrets).reduce<Json>(
    (input, [pointer, value]) => put(input, keysOfPointer(pointer), value),
    shown,
  );
}

/** Returns an input with its sensitive values replaced; the input itself if it has none. */
export function replaceSecrets(
  input: Json,
  paths: readonly SensitivePath[],
  replace: (value: Json, pointer: string) => Json,
): Json {
  const split = splitSecrets(input, paths);
  if (!split) return input;
  const replaced = Object.entries(split.secrets).map(([pointer, value]) => [
    pointer,
    replace(value, pointer),
  ]);
  return mergeSecrets(split.shown, Object.fromEntries(replaced) as Secrets);
}

/** Returns an input with placeholders for its sensitive values. */
export function redact(input: Json, paths: readonly SensitivePath[]): Json {
  return splitSecrets(input, paths)?.shown ?? input;
}

/**
 * Removes the value at a path; returns null if there is none. Values removed before stay removed.
 */
function take(input: Json, path: SensitivePath, pointer: string, found: Map<string, Json>): Json {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (input === null || found.has(pointer)) return input;
    found.set(pointer, input);
    return REDACTED;
  }
  if (input === null || typeof input !== "object") return input;
  const takeAt = (child: Json, at: string): Json =>
    key === "*" || key === at ? take(child, rest, `${pointer}/${escape(at)}`, found) : child;
  if (Array.isArray(input)) return input.map((item: Json, index) => takeAt(item, String(index)));
  return Object.fromEntries(
    Object.entries(input as JsonObject).map(([at, child]) => [at, takeAt(child, at)]),
  );
}

function put(input: Json, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (input === null || typeof input !== "object") return input;
  const putAt = (child: Json, at: string): Json => (at === key ? put(child, rest, value) : child);
  if (Array.isArray(input)) return input.map((item: Json, index) => putAt(item, String(index)));
  return Object.fromEntries(Object.entries(input as JsonObject).map(([at, child]) => [at, putAt(child, at)]));
}

/** Returns the JSON Pointer of a path. */
export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${escape(key)}`).join("");
}

/** Returns the keys of a JSON Pointer. */
export function keysOfPointer(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescape);
}

function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescape(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
