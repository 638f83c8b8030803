import { show } from "../lib/quote.ts";
import type { Json } from "../lib/json/json.ts";
import { CommandError, EXIT, type ExitCode } from "./failure.ts";
import { plain } from "./output.ts";

/**
 * Parses JSON from the command line.
 *
 * @param path an argument or a flag
 * @throws CommandError with the structure of the string, and with none of its values
 */
export function parseJsonInput(path: string, text: string, exitCode: ExitCode = EXIT.data): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const message = plain(`${path}: expected JSON, got ${jsonShape(text)}. ${jsonProblem(error)}.`);
    const code = exitCode === EXIT.usage ? "USAGE" : "INVALID_INPUT";
    throw new CommandError(exitCode, code, message, `Quote it for the shell: '{"x": 2}'.`);
  }
}

/** Runs of characters that are values or keys, not the structure of JSON. */
const WORDS = /[^\s{}[\]:,"']{4,}/gu;

/**
 * The structure of invalid JSON: it shows what the shell made of quotes and braces, and hides the
 * values of a task's args.
 */
export function jsonShape(text: string): string {
  return show(text.replace(WORDS, "…"));
}

/** Why a string is not JSON, without the part of it that V8 quotes. */
export function jsonProblem(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/, (?:\.{3})?"[\s\S]*$/u, "");
}
