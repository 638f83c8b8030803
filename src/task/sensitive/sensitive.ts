import type { Json, JsonObject } from "../../lib/json.ts";

/** A way into an input: keys, indices as text, and `*` for every one of them. */
export type SensitivePath = readonly string[];
/** Values that were taken out of an input, by their JSON Pointer. */
export type Secrets = Readonly<Record<string, Json>>;

/** Stands where a value is that is not shown. */
export const REDACTED = "[redacted]";

/** An input without its sensitive values, and those values. */
export interface SplitInput {
  /** The input with placeholders. */
  readonly shown: Json;
  readonly secrets: Secrets;
}

/** Splits an input; returns null when it holds no sensitive value. */
export function splitSecrets(input: Json, paths: readonly SensitivePath[]): SplitInput | null {
  const found = new Map<string, Json>();
  let shown = input;
  for (const path of paths) shown = take(shown, path, "", found);
  if (found.size === 0) return null;
  // In order: equal secrets are equal texts.
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return { shown, secrets: Object.fromEntries(sorted) };
}

/** An input with its sensitive values in their places again. */
export function mergeSecrets(shown: Json, secrets: Secrets): Json {
  return Object.entries(secrets).reduce<Json>(
    (input, [pointer, value]) => put(input, keysOfPointer(pointer), value),
    shown,
  );
}

/** An input in which other values stand in the places of its sensitive ones; itself where it holds none. */
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

/** What of an input may be shown. */
export function redact(input: Json, paths: readonly SensitivePath[]): Json {
  return splitSecrets(input, paths)?.shown ?? input;
}

/** Takes what is at a path, if anything is; null says that there is nothing to hide. What was taken before stays so. */
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

/** The JSON Pointer of a place. */
export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${escape(key)}`).join("");
}

/** The keys that a JSON Pointer names. */
export function keysOfPointer(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescape);
}

function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescape(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
