import { closest } from "../../lib/suggestion.ts";
import type { Issue } from "../../errors.ts";
import { DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { parseTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../lib/timestamp.ts";
import { show } from "../../task/call/enqueue-options.ts";
import { SOLAR_EVENTS, type Timing } from "../../task/timing/timing.ts";

const KINDS = ["every", "cron", "at", "solar"] as const;

/** Where flags come from: their texts, null for those that were not given. */
export interface Flags {
  text(name: string): string | null;
}

/** The timing that flags say; null where they say none, or a wrong one. Mistakes have the path that the timing's own would have. */
export function readTimingFlags(flags: Flags, issues: Issue[]): Timing | null {
  const given = KINDS.filter((kind) => flags.text(kind) !== null);
  const [kind] = given;
  if (given.length > 1) {
    const names = given.map((one) => `--${one}`).join(" and ");
    refuse(issues, [], `give one of --every, --cron, --at and --solar; got ${names}.`);
    return null;
  }
  if (kind !== "solar") refuseLonePlace(flags, issues);
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

export const TIMING_WANTED: Issue = {
  code: "INVALID_INPUT",
  path: [],
  message: "say when: one of --every, --cron, --at and --solar is needed.",
  hint: 'For example --every 5m, or --cron "30 9 * * MON-FRI".',
};

function readEvery(text: string, issues: Issue[]): Timing | null {
  const everyMs = parseDuration(text);
  if (everyMs !== null) return { kind: "interval", everyMs };
  refuse(issues, ["timing", "interval"], `must be ${DURATION_FORMS}; got ${show(text)}.`);
  return null;
}

function readAt(text: string, issues: Issue[]): Timing | null {
  const at = parseTimestamp(text);
  if (at !== null) return { kind: "clocked", at };
  const message = `must be ${TIMESTAMP_RULE}; got ${show(text)}.`;
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
  const near = closest(wanted, SOLAR_EVENTS);
  const all = SOLAR_EVENTS.map(flagOfEvent).join(", ");
  const hint = near === null ? undefined : `Did you mean ${flagOfEvent(near)}?`;
  refuse(issues, ["timing", "solar"], `must be one of ${all}; got ${show(text)}.`, hint);
}

function flagOfEvent(event: string): string {
  return event.toLowerCase().replaceAll("_", "-");
}

function readDegrees(flags: Flags, name: "latitude" | "longitude", issues: Issue[]): number | null {
  const text = flags.text(name);
  if (text !== null && /^[+-]?\d+(?:\.\d+)?$/.test(text.trim())) return Number(text);
  const message = text === null ? "is needed with --solar." : `must be degrees; got ${show(text)}.`;
  refuse(issues, ["timing", "solar", name], message, "For example --latitude 48.21 --longitude 16.37.");
  return null;
}

function refuseLonePlace(flags: Flags, issues: Issue[]): void {
  for (const name of ["latitude", "longitude"]) {
    if (flags.text(name) !== null) refuse(issues, ["timing", "solar", name], "needs --solar.");
  }
}

function refuse(issues: Issue[], path: readonly string[], message: string, hint?: string): void {
  issues.push({ code: "INVALID_INPUT", path, message, ...(hint === undefined ? {} : { hint }) });
}
