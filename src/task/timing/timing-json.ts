import { formatDuration, parseDuration } from "../../lib/duration.ts";
import type { Json } from "../../lib/json/json.ts";
import { parseTimestamp, TIMESTAMP_RULE } from "../../lib/timestamp.ts";
import { SOLAR_EVENTS, type SolarEvent, type Timing } from "./timing.ts";

/**
 * A timing as the API's input has it: `{ "crontab": "…" }`, `{ "interval": { "every": "PT5S" } }`,
 * `{ "clocked": "…Z" }`, `{ "solar": { … } }`.
 */
export type TimingJson =
  | { readonly interval: { readonly every: string | number } }
  | { readonly crontab: string }
  | { readonly clocked: string | Date }
  | {
      readonly solar: { readonly event: SolarEvent; readonly latitude: number; readonly longitude: number };
    };

const FORMS = 'one of {"interval": {"every": "5s"}}, {"crontab": "…"}, {"clocked": "…"} and {"solar": {…}}';

export function toTimingJson(timing: Timing): TimingJson {
  switch (timing.kind) {
    case "interval":
      return { interval: { every: formatDuration(timing.everyMs) } };
    case "crontab":
      return { crontab: timing.expression };
    case "clocked":
      return { clocked: timing.at.toISOString() };
    case "solar": {
      const { event, latitude, longitude } = timing;
      return { solar: { event, latitude, longitude } };
    }
  }
}

/**
 * Reads a timing of a file, a row or a caller.
 *
 * @throws Error with the rule and the value
 */
export function readTiming(json: unknown): Timing {
  const entries =
    typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json as object) : [];
  const [entry, ...others] = entries as [string, Json][];
  if (!entry || others.length > 0) throw new Error(`expected ${FORMS}, got ${JSON.stringify(json)}`);
  const [kind, value] = entry;
  switch (kind) {
    case "interval":
      return readInterval(value);
    case "crontab":
      if (typeof value === "string") return { kind: "crontab", expression: value };
      throw new Error(`crontab: expected a string, got ${JSON.stringify(value)}`);
    case "clocked":
      return readClocked(value);
    case "solar":
      return readSolar(value);
    default:
      throw new Error(`expected ${FORMS}, got ${JSON.stringify(kind)}`);
  }
}

function readInterval(value: Json): Timing {
  const every = (value as { readonly every?: unknown } | null)?.every;
  const everyMs = typeof every === "string" || typeof every === "number" ? parseDuration(every) : null;
  if (everyMs === null)
    throw new Error(`interval.every: expected a duration such as "5s", got ${JSON.stringify(value)}`);
  return { kind: "interval", everyMs };
}

function readClocked(value: Json): Timing {
  const at = parseTimestamp(value);
  if (at === null) throw new Error(`clocked: expected ${TIMESTAMP_RULE}, got ${JSON.stringify(value)}`);
  return { kind: "clocked", at };
}

function readSolar(value: Json): Timing {
  const { event, latitude, longitude } = (value ?? {}) as Record<string, unknown>;
  if (!SOLAR_EVENTS.includes(event as SolarEvent))
    throw new Error(`solar.event: expected one of ${SOLAR_EVENTS.join(", ")}, got ${JSON.stringify(event)}`);
  if (typeof latitude !== "number" || typeof longitude !== "number")
    throw new Error(`solar.latitude, solar.longitude: expected numbers, got ${JSON.stringify(value)}`);
  return { kind: "solar", event: event as SolarEvent, latitude, longitude };
}
