import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { FINAL_STATES, type FinalState } from "./state.ts";

export const RESULT_BACKENDS = ["database", "redis", "none"] as const;
/**
 * Where outputs are stored: in the row of the task, in Redis while the task is kept, or not at all.
 */
export type ResultBackend = (typeof RESULT_BACKENDS)[number];

/** How long ended tasks are kept, in milliseconds by final state. */
export type KeepTimes = Readonly<Record<FinalState, number>>;
/** One duration for all final states, or one for each. */
export type Keep = number | KeepTimes;

/**
 * How long ended tasks are kept: a duration, or durations by final state. States without one have
 * `all`, else the default.
 */
export type ResultsExpire =
  | DurationInput
  | {
      readonly all?: DurationInput;
      readonly success?: DurationInput;
      readonly failure?: DurationInput;
      readonly revoked?: DurationInput;
      readonly expired?: DurationInput;
    };

/** The result policy of a definition. */
export interface ResultPolicy {
  readonly keepMs: Partial<KeepTimes> | null;
  /** Whether outputs are checked but not stored; null for the default. */
  readonly ignore: boolean | null;
  /** Null for the setting of the app. */
  readonly backend: ResultBackend | null;
}

const MAX_KEEP_MS = 3_653 * DAY;
const KEYS: ReadonlySet<string> = new Set(["all", ...FINAL_STATES.map((state) => state.toLowerCase())]);
export const RESULTS_EXPIRE_FORMS = `${DURATION_FORMS}, above zero, up to 3653 days; or such durations by all, success, failure, revoked and expired`;

/** Reads durations by final state; null if invalid. */
export function readResultsExpire(value: ResultsExpire): Partial<KeepTimes> | null {
  const spans = typeof value === "object" ? value : { all: value };
  if (spans === null || Array.isArray(spans)) return null;
  const said = Object.entries(spans).filter(([, span]) => span !== undefined && span !== null);
  const read = new Map(said.map(([key, span]) => [key, readSpan(span)]));
  if ([...read].some(([key, ms]) => ms === null || !KEYS.has(key))) return null;
  const entries = FINAL_STATES.flatMap((state) => {
    const ms = read.get(state.toLowerCase()) ?? read.get("all");
    return typeof ms === "number" ? [[state, ms] as const] : [];
  });
  return Object.fromEntries(entries);
}

function readSpan(span: unknown): number | null {
  const ms = typeof span === "string" || typeof span === "number" ? parseDuration(span) : null;
  return ms !== null && ms > 0 && ms <= MAX_KEEP_MS ? ms : null;
}

/** Reads a string such as `success=1d,failure=30d`. Returns other values unchanged. */
export function parseSpans(value: unknown): unknown {
  if (typeof value !== "string" || !value.includes("=")) return value;
  return Object.fromEntries(
    value.split(",").map((pair) => {
      const [key = "", span = ""] = pair.split("=");
      return [key.trim(), span.trim()];
    }),
  );
}

export function keepMsFor(keep: Keep, state: FinalState): number {
  return typeof keep === "number" ? keep : keep[state];
}
