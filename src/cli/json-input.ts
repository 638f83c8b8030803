import { show } from "../lib/quote.ts";

/** Runs of characters that are values or keys, not the structure of JSON. */
const WORDS = /[^\s{}[\]:,"']{4,}/gu;

/** JSON that cannot be used, as far as its structure goes: what the shell made of quotes and braces shows, and no value of a task's args. */
export function shapeOf(text: string): string {
  return show(text.replace(WORDS, "…"));
}

/** Why a string is not JSON, without the part of it that V8 quotes. */
export function whyNotJson(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/, (?:\.{3})?"[\s\S]*$/u, "");
}
