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
import { type SaidOfSchedule, sayFields } from "./record.ts";
import { whyNotJson } from "../../json-input.ts";

export const FORMATS = ["yaml", "json"] as const;
export type FileFormat = (typeof FORMATS)[number];

/** The schedules of a file; those whose shape is wrong are left out and noted. @throws CommandError (65) for a file that cannot be read */
export async function readScheduleFile(path: string, issues: Issue[]): Promise<ScheduleInput[]> {
  const name = path === "-" ? "standard input" : path;
  const text = path === "-" ? await readAll(process.stdin) : await readText(path);
  return readSchedules(parse(name, text, extname(path)), name, issues);
}

/** The schedules that a file's value holds: a list of them, or an object with such a list as `schedules`. */
function readSchedules(value: unknown, name: string, issues: Issue[]): ScheduleInput[] {
  const list = Array.isArray(value) ? value : (value as { readonly schedules?: unknown } | null)?.schedules;
  if (!Array.isArray(list)) {
    const message = `${name} holds no schedules: expected {"schedules": […]}, or the list alone; got ${show(value)}.`;
    throw new CommandError(
      EXIT.data,
      "INVALID_INPUT",
      plain(message),
      "lovage schedule export writes such a file.",
    );
  }
  const seen = new Set<string>();
  return list.flatMap((entry: unknown, index) => {
    const input = readEntry(entry, [labelOf(entry, index)], issues);
    if (!input) return [];
    if (seen.has(input.name)) {
      const message = "is there twice.";
      issues.push({ code: "ALREADY_EXISTS", path: [input.name], message, hint: "Give one another name." });
    }
    seen.add(input.name);
    return [input];
  });
}

/** Schedules as a file that says all about them but the defaults. */
export function writeSchedules(specs: readonly ScheduleSpec[], format: FileFormat): string {
  const file = { schedules: specs.map(withoutDefaults) };
  return format === "json" ? JSON.stringify(file, null, 2) : stringify(file, { lineWidth: 0 }).trimEnd();
}

function withoutDefaults(spec: ScheduleSpec): Partial<SaidOfSchedule> {
  const { name, taskName, timing, timeZone, enabled, ...rest } = sayFields(spec) as SaidOfSchedule;
  const said = Object.entries(rest).filter(([key, value]) => !isDefault(key, value));
  return { name, taskName, timing, timeZone, enabled, ...Object.fromEntries(said) };
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
    const message = `the file ${show(path)} cannot be read (${code}).`;
    throw new CommandError(EXIT.data, "INVALID_INPUT", plain(message), 'Name a JSON or YAML file, or "-".');
  }
}

/** JSON where it is JSON, else YAML: their errors name line and column. @throws CommandError (65) */
function parse(name: string, text: string, extension: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (extension === ".json") throw unreadable(`${name}: ${whyNotJson(error)}`, error);
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
