import { inspect } from "node:util";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { REDACTED, type Secrets } from "./sensitive.ts";

/** Takes values out of a string. */
export type Hide = (text: string) => string;

/** Shorter strings are left in messages: they stand for too much else. */
export const SHORTEST_HIDDEN = 4;
/**
 * A line of a value with several is hidden by itself too, from this length on: logs and dumps take
 * values apart at line breaks.
 */
const SHORTEST_LINE = 8;
/** Where something was cut: what stands before it may be the beginning of a value. */
const CUT = /(["'`]?(?:…|\.{3}))/;
const UNCUT = { breakLength: Infinity, maxStringLength: Infinity } as const;

/**
 * Replaces values in a string, as they are, as JSON or `inspect` writes them, and their beginnings
 * where somebody else cut the string.
 */
export function hiderOf(...secrets: readonly Secrets[]): Hide {
  // Each line that a task logs comes here, and most tasks have nothing to hide.
  const values = hidesAnything(secrets) ? hiddenStrings(secrets) : [];
  if (values.length === 0) return (text) => text;
  return (text) =>
    hideBeginnings(
      values.reduce((hidden, value) => hidden.replaceAll(value, REDACTED), text),
      values,
    );
}

/** A string without the values. Hide before you cut: a part of a value is not found again. */
export function hideValues(text: string, ...secrets: readonly Secrets[]): string {
  return hiderOf(...secrets)(text);
}

/** A string without the values wherever they stand as whole words, however short they are. */
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

/** JSON without the values: neither in its strings and keys nor as its numbers. */
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

/** Whether there is a value to hide. */
export function hidesAnything(secrets: readonly Secrets[]): boolean {
  return secrets.some((some) => Object.keys(some).length > 0);
}

/** Two keys that were hidden are still two. */
function freeKey(key: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(key)) return key;
  let count = 2;
  while (taken.has(`${key} ${count}`)) count += 1;
  return `${key} ${count}`;
}

/**
 * All strings in which values can be read, the longest first: a value may be the beginning of
 * another.
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

/** How much of the end of a string is the beginning of a value, and not all of it: characters. */
export function overlapOf(text: string, value: string): number {
  const from = text.length - Math.min(text.length, value.length - 1);
  for (let at = text.indexOf(value[0]!, from); at !== -1; at = text.indexOf(value[0]!, at + 1))
    if (value.startsWith(text.slice(at))) return text.length - at;
  return 0;
}

/** A string whose end may be the beginning of a value, without that beginning. */
function hideEnd(text: string, values: readonly string[]): string {
  const overlap = Math.max(0, ...values.map((value) => overlapOf(text, value)));
  return overlap < SHORTEST_HIDDEN ? text : `${text.slice(0, -overlap)}${REDACTED}`;
}

function hideBeginnings(text: string, values: readonly string[]): string {
  const parts = text.split(CUT);
  if (parts.length === 1) return text;
  // Marks stand between the parts; after the last one nothing was cut.
  return parts
    .map((part, index) => (index % 2 === 0 && index < parts.length - 1 ? hideEnd(part, values) : part))
    .join("");
}
