import { show } from "../../../lib/quote.ts";
import { text as readAll } from "node:stream/consumers";
import type { Issue } from "../../../errors.ts";
import type { JsonObject } from "../../../lib/json/json.ts";
import type { EnqueueOptions } from "../../../task/call/enqueue-options.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import type { CommandContext } from "../../context.ts";
import { readTaskOptions } from "./file-entry.ts";
import { parseJsonInput } from "../../json-input.ts";
import { didYouMean } from "../../../lib/suggestion.ts";
import { DURATION_FORMS, parseDuration } from "../../../lib/duration.ts";
import { parseTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../../lib/timestamp.ts";
import { SOLAR_EVENTS, type Timing } from "../../../task/timing/timing.ts";

/**
 * The fields of a schedule that the flags set. Problems are added to `issues`.
 *
 * @throws CommandError (65) for invalid JSON
 */
export async function readScheduleFlags(
  context: CommandContext,
  issues: Issue[],
): Promise<Partial<ScheduleInput>> {
  const args = context.text("args");
  const json = args === "-" ? await readAll(process.stdin) : args;
  const timing = readTimingFlags(context, issues);
  const options = readOptions(context, issues);
  return {
    ...(timing === null ? {} : { timing }),
    ...(options === null ? {} : { options }),
    ...(json === null ? {} : { args: parseJsonInput("--args", json) }),
    ...given("timeZone", context.text("timeZone")),
    ...given("description", context.text("description"), (text) => (text === "" ? null : text)),
    ...given("startAt", context.text("startAt"), noneIsNull),
    ...given("endAt", context.text("endAt"), noneIsNull),
    ...given("jitter", context.text("jitter"), noneIsNull),
    ...given("maxRuns", context.text("maxRuns"), (text) => readCount("--max-runs", noneIsNull(text), issues)),
    ...given("overlap", context.text("overlap"), toConstant),
    ...given("misfire", context.text("misfire"), toConstant),
    ...readEnabled(context, issues),
  } as Partial<ScheduleInput>;
}

const OPTION_FLAGS = [
  "queue",
  "priority",
  "delay",
  "expiresIn",
  "timeLimit",
  "softTimeLimit",
  "uniqueKey",
] as const;

/** The options of an existing schedule: single flags change them, `--options` replaces them. */
export function mergeOptions(
  context: CommandContext,
  before: JsonObject,
  { options }: Partial<ScheduleInput>,
): EnqueueOptions {
  return context.text("options") === null ? { ...before, ...options } : (options ?? {});
}

function readOptions(context: CommandContext, issues: Issue[]): EnqueueOptions | null {
  const json = context.text("options");
  const tags = context.options["tag"];
  const maxAttempts = context.text("maxAttempts");
  const flags = {
    ...Object.assign({}, ...OPTION_FLAGS.map((key) => given(key, context.text(key)))),
    ...given("priority", context.text("priority"), toConstant),
    ...given("onConflict", context.text("onConflict"), toConstant),
    ...given("maxAttempts", maxAttempts, (text) => readCount("--max-attempts", text, issues)),
    ...(Array.isArray(tags) ? { tags: tags as string[] } : {}),
  } as EnqueueOptions;
  if (json === null) return Object.keys(flags).length === 0 ? null : flags;
  return { ...readTaskOptions(parseJsonInput("--options", json), ["--options"], issues), ...flags };
}

function readEnabled(context: CommandContext, issues: Issue[]): Partial<ScheduleInput> {
  const { enabled, disabled } = context.options;
  if (enabled === true && disabled === true)
    issues.push({
      code: "INVALID_INPUT",
      path: ["--enabled"],
      message: "expected without --disabled.",
    });
  if (disabled === true) return { enabled: false };
  return enabled === true ? { enabled: true } : {};
}

/** A count as a number; null stays null, and anything else is added to `issues`. */
function readCount(flag: string, text: string | null, issues: Issue[]): number | string | null {
  if (text === null) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  issues.push({
    code: "INVALID_INPUT",
    path: [flag],
    message: `expected an integer, got ${show(text)}.`,
  });
  // A valid number in its place, so that the problem is not reported twice.
  return 1;
}

function toConstant(text: string): string {
  return text.toUpperCase().replaceAll("-", "_");
}

function noneIsNull(text: string): string | null {
  return text === "none" ? null : text;
}

function given(
  key: string,
  text: string | null,
  read: (text: string) => unknown = (value) => value,
): Readonly<Record<string, unknown>> {
  return text === null ? {} : { [key]: read(text) };
}

const KINDS = ["every", "cron", "at", "solar"] as const;

/** The source of flags: their strings, null for absent ones. */
export interface Flags {
  text(name: string): string | null;
}

/**
 * The timing in the flags; null if there is none, or an invalid one. Problems have the path of the
 * timing's own.
 */
export function readTimingFlags(flags: Flags, issues: Issue[]): Timing | null {
  const given = KINDS.filter((kind) => flags.text(kind) !== null);
  const [kind] = given;
  if (given.length > 1) {
    const names = given.map((one) => `--${one}`).join(" and ");
    refuse(issues, [], `expected one of --every, --cron, --at and --solar, got ${names}.`);
    return null;
  }
  if (kind !== "solar") refuseLoneCoordinates(flags, issues);
  switch (kind) {
    case "every":
      return readEvery(flags.text("every")!, issues);
    case "cron":
      return { kind: "crontab", expression: flags.text("cron")! };
    case "at":
      return readAt(flags.text("at")!, issues);
    case "solar":
      return readSolar(flags, issues);
    default:
      return null;
  }
}

export const TIMING_MISSING: Issue = {
  code: "INVALID_INPUT",
  path: [],
  message: "expected one of --every, --cron, --at and --solar, got none.",
  hint: 'For example --every 5m, or --cron "30 9 * * MON-FRI".',
};

function readEvery(text: string, issues: Issue[]): Timing | null {
  const everyMs = parseDuration(text);
  if (everyMs !== null) return { kind: "interval", everyMs };
  refuse(issues, ["timing", "interval"], `expected ${DURATION_FORMS}, got ${show(text)}.`);
  return null;
}

function readAt(text: string, issues: Issue[]): Timing | null {
  const at = parseTimestamp(text);
  if (at !== null) return { kind: "clocked", at };
  const message = `expected ${TIMESTAMP_RULE}, got ${show(text)}.`;
  refuse(issues, ["timing", "clocked"], message, TIMESTAMP_HINT);
  return null;
}

function readSolar(flags: Flags, issues: Issue[]): Timing | null {
  const text = flags.text("solar")!;
  const wanted = text.toUpperCase().replaceAll(/[-\s]/g, "_");
  const event = SOLAR_EVENTS.find((known) => known === wanted);
  if (event === undefined) refuseEvent(text, wanted, issues);
  const latitude = readDegrees(flags, "latitude", issues);
  const longitude = readDegrees(flags, "longitude", issues);
  if (event === undefined || latitude === null || longitude === null) return null;
  return { kind: "solar", event, latitude, longitude };
}

function refuseEvent(text: string, wanted: string, issues: Issue[]): void {
  const events = SOLAR_EVENTS.map(flagOfEvent);
  const all = events.join(", ");
  const hint = didYouMean(flagOfEvent(wanted), events, undefined);
  refuse(issues, ["timing", "solar"], `expected one of ${all}, got ${show(text)}.`, hint);
}

function flagOfEvent(event: string): string {
  return event.toLowerCase().replaceAll("_", "-");
}

function readDegrees(flags: Flags, name: "latitude" | "longitude", issues: Issue[]): number | null {
  const text = flags.text(name);
  if (text !== null && /^[+-]?\d+(?:\.\d+)?$/.test(text.trim())) return Number(text);
  const message = text === null ? "expected with --solar." : `expected degrees, got ${show(text)}.`;
  refuse(issues, ["timing", "solar", name], message, "For example --latitude 48.21 --longitude 16.37.");
  return null;
}

function refuseLoneCoordinates(flags: Flags, issues: Issue[]): void {
  for (const name of ["latitude", "longitude"]) {
    if (flags.text(name) !== null) refuse(issues, ["timing", "solar", name], "expected only with --solar.");
  }
}

function refuse(issues: Issue[], path: readonly string[], message: string, hint?: string): void {
  issues.push({ code: "INVALID_INPUT", path, message, ...(hint === undefined ? {} : { hint }) });
}
