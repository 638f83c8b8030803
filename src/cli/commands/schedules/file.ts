import { show } from "../../../lib/quote.ts";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { LineCounter, parseDocument, stringify } from "yaml";
import type { Issue } from "../../../errors.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { CommandError, EXIT } from "../../failure.ts";
import { plain } from "../../output.ts";
import { readEntry } from "./file-entry.ts";
import { type ScheduleFields, toFields } from "./record.ts";
import { jsonProblem } from "../../json-input.ts";

export const FORMATS = ["yaml", "json"] as const;
export type FileFormat = (typeof FORMATS)[number];

/**
 * The schedules of a file; an invalid one adds its problems to `issues` instead.
 *
 * @throws CommandError (65) for a file that cannot be read
 */
export async function readScheduleFile(path: string, issues: Issue[]): Promise<ScheduleInput[]> {
  const name = path === "-" ? "standard input" : path;
  const text = path === "-" ? await readAll(process.stdin) : await readText(path);
  return readSchedules(parse(name, text, extname(path)), name, issues);
}

/**
 * The schedules in a file's value: an array of them, or an object with that array as `schedules`.
 */
function readSchedules(value: unknown, name: string, issues: Issue[]): ScheduleInput[] {
  const list = Array.isArray(value) ? value : (value as { readonly schedules?: unknown } | null)?.schedules;
  if (!Array.isArray(list)) {
    const message = `${name}: expected {"schedules": […]} or an array of schedules, got ${show(value)}.`;
    throw new CommandError(
      EXIT.data,
      "INVALID_INPUT",
      plain(message),
      "Write such a file with `lovage schedule export`.",
    );
  }
  const seen = new Set<string>();
  return list.flatMap((entry: unknown, index) => {
    const input = readEntry(entry, [labelOf(entry, index)], issues);
    if (!input) return [];
    if (seen.has(input.name)) {
      const message = "expected a unique name, got it twice.";
      issues.push({ code: "ALREADY_EXISTS", path: [input.name], message, hint: "Rename one of them." });
    }
    seen.add(input.name);
    return [input];
  });
}

/** Schedules as the content of a file, without fields that have their default. */
export function writeSchedules(specs: readonly ScheduleSpec[], format: FileFormat): string {
  const file = { schedules: specs.map(withoutDefaults) };
  return format === "json" ? JSON.stringify(file, null, 2) : stringify(file, { lineWidth: 0 }).trimEnd();
}

function withoutDefaults(spec: ScheduleSpec): Partial<ScheduleFields> {
  const { name, taskName, timing, timeZone, enabled, ...rest } = toFields(spec) as ScheduleFields;
  const fields = Object.entries(rest).filter(([key, value]) => !isDefault(key, value));
  return { name, taskName, timing, timeZone, enabled, ...Object.fromEntries(fields) };
}

function isDefault(key: string, value: unknown): boolean {
  if (value === null) return true;
  if (key === "overlap") return value === "ALLOW";
  if (key === "misfire") return value === "FIRE_ONCE";
  return (key === "args" || key === "options") && JSON.stringify(value) === "{}";
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    const message = `cannot read the file ${show(path)} (${code}).`;
    throw new CommandError(EXIT.data, "INVALID_INPUT", plain(message), 'Name a JSON or YAML file, or "-".');
  }
}

/**
 * Parses JSON or YAML. An error contains its line and column.
 *
 * @throws CommandError (65)
 */
function parse(name: string, text: string, extension: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (extension === ".json") throw unreadable(`${name}: ${jsonProblem(error)}`, error);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake) {
    const { line, col } = lineCounter.linePos(mistake.pos[0]);
    throw unreadable(`${name}:${line}:${col}: ${mistake.message}`, mistake);
  }
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw unreadable(`${name}: ${(error as Error).message}`, error);
  }
}

function unreadable(message: string, cause: unknown): CommandError {
  const text = plain(/[.!?]$/.test(message) ? message : `${message}.`);
  return new CommandError(EXIT.data, "INVALID_INPUT", text, "Nothing was sent.", { cause });
}

function labelOf(entry: unknown, index: number): string {
  const name = (entry as { readonly name?: unknown } | null)?.name;
  return typeof name === "string" && name !== "" ? name : `schedules.${index}`;
}
