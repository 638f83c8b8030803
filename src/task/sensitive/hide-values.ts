import { inspect } from "node:util";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { REDACTED, type Secrets } from "./sensitive.ts";

/** Removes values from a string. */
export type Hide = (text: string) => string;

/** Shorter strings are not hidden in messages: they occur by chance too often. */
export const SHORTEST_HIDDEN = 4;
/**
 * Lines of a multi-line value that are at least this long are hidden one by one too: logs and dumps
 * split values at line breaks.
 */
const SHORTEST_LINE = 8;
/** Marks of a cut: the characters before them may be the beginning of a value. */
const CUT = /(["'`]?(?:…|\.{3}))/;
const UNCUT = { breakLength: Infinity, maxStringLength: Infinity } as const;

/**
 * Replaces values in a string: as they are, as JSON or `inspect` writes them, and their beginnings
 * before the mark of a cut.
 */
export function hiderOf(...secrets: readonly Secrets[]): Hide {
  // Called for each logged line, and most tasks have nothing to hide.
  const values = hidesAnything(secrets) ? hiddenStrings(secrets) : [];
  if (values.length === 0) return (text) => text;
  return (text) =>
    hideBeginnings(
      values.reduce((hidden, value) => hidden.replaceAll(value, REDACTED), text),
      values,
    );
}

/** Returns a string without the values. Hide before cutting: a part of a value is not found. */
export function hideValues(text: string, ...secrets: readonly Secrets[]): string {
  return hiderOf(...secrets)(text);
}

/** Returns a string without the values that are whole words in it, also short ones. */
export function hideWords(text: string, secrets: Secrets): string {
  const values = Object.values(secrets)
    .flatMap(stringsIn)
    .filter((value) => value !== "");
  return values.reduce((hidden, value) => hidden.replaceAll(wordOf(value), REDACTED), text);
}

function wordOf(value: string): RegExp {
  const literal = value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu");
}

/** Returns JSON without the values in its strings, keys and numbers. */
export function hideIn(value: Json, ...secrets: readonly Secrets[]): Json {
  if (!hidesAnything(secrets)) return value;
  const hide = hiderOf(...secrets);
  const within = (part: Json): Json => {
    if (typeof part === "string") return hide(part);
    if (typeof part === "number") return hide(String(part)) === REDACTED ? REDACTED : part;
    if (part === null || typeof part !== "object") return part;
    if (Array.isArray(part)) return part.map((item: Json) => within(item));
    const shown = new Map<string, Json>();
    for (const [key, child] of Object.entries(part as JsonObject))
      shown.set(freeKey(hide(key), shown), within(child));
    return Object.fromEntries(shown);
  };
  return within(value);
}

/** Returns whether there is a value to hide. */
export function hidesAnything(secrets: readonly Secrets[]): boolean {
  return secrets.some((some) => Object.keys(some).length > 0);
}

/** Hidden keys stay distinct. */
function freeKey(key: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(key)) return key;
  let count = 2;
  while (taken.has(`${key} ${count}`)) count += 1;
  return `${key} ${count}`;
}

/**
 * Returns all strings in which values can be read, the longest first: a value may be the beginning
 * of another.
 */
export function hiddenStrings(secrets: readonly Secrets[]): readonly string[] {
  const strings = secrets.flatMap((some) => Object.values(some).flatMap(stringsIn)).flatMap(writtenForms);
  return [...new Set(strings)].sort((a, b) => b.length - a.length);
}

function stringsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value as JsonObject).flatMap(stringsIn);
}

function writtenForms(value: string): string[] {
  if (value.length < SHORTEST_HIDDEN) return [];
  const lines = value.split(/\r?\n/);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    inspect(value, UNCUT).slice(1, -1),
    ...(lines.length > 1 ? lines.filter((line) => line.trim().length >= SHORTEST_LINE) : []),
  ];
}

/** Returns how many characters at the end of a string are the beginning of a value, but not all of it. */
export function overlapOf(text: string, value: string): number {
  const from = text.length - Math.min(text.length, value.length - 1);
  for (let at = text.indexOf(value[0]!, from); at !== -1; at = text.indexOf(value[0]!, at + 1))
    if (value.startsWith(text.slice(at))) return text.length - at;
  return 0;
}

/** Returns a string without a beginning of a value at its end. */
function hideEnd(text: string, values: readonly string[]): string {
  const overlap = Math.max(0, ...values.map((value) => overlapOf(text, value)));
  return overlap < SHORTEST_HIDDEN ? text : `${text.slice(0, -overlap)}${REDACTED}`;
}

function hideBeginnings(text: string, values: readonly string[]): string {
  const parts = text.split(CUT);
  if (parts.length === 1) return text;
  // Marks are between the parts; nothing was cut after the last one.
  return parts
    .map((part, index) => (index % 2 === 0 && index < parts.length - 1 ? hideEnd(part, values) : part))
    .join("");
}
