import { z } from "zod";
import { type BytesInput, BYTES_FORMS, formatBytes, parseBytes } from "../lib/bytes.ts";
import { DAY } from "../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { KeyringKey } from "../lib/keyring.ts";
import { splitServiceUrl } from "../lib/net/service-url.ts";
import {
  type Keep,
  parseSpans,
  readResultsExpire,
  RESULTS_EXPIRE_FORMS,
  type ResultsExpire,
} from "../task/records/results.ts";
import type { ScheduleInput } from "../task/schedule/schedule-input.ts";
import { type Autoscale, MAX_CONCURRENCY } from "../task/records/worker-settings.ts";
import { isToken } from "./token.ts";
import { isTimeZone } from "../task/timing/zone-names.ts";

/** The longest delay of a timer of Node, rounded down to whole days. */
const MAX_TIMER_MS = 24 * DAY;

/**
 * One kind of setting. `read` converts a value of a file, a variable or a flag, and returns
 * undefined if it is invalid. `expected` completes the sentence "expected …".
 */
function field<In, Out>(expected: string, read: (value: unknown) => Out | undefined) {
  return z.custom<In>().transform((input, context): Out => {
    const output = read(input);
    if (output !== undefined) return output;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

export function text(expected: string, pattern: RegExp) {
  return field<string, string>(expected, (value) =>
    typeof value === "string" && pattern.test(value) ? value : undefined,
  );
}

/** A secret that cannot be guessed. */
export function token(expected: string) {
  return field<string, string>(expected, (value) =>
    typeof value === "string" && isToken(value) ? value : undefined,
  );
}

export function integer(min: number, max: number) {
  return field<number, number>(`an integer from ${min} to ${max}`, (value) => {
    const number = typeof value === "string" && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
      ? (number as number)
      : undefined;
  });
}

/**
 * A duration in milliseconds.
 *
 * @param min default 1
 * @param max default the longest delay of a timer
 */
export function duration({ min = 1, max = MAX_TIMER_MS }: { min?: number; max?: number } = {}) {
  const bounds = min === 0 ? "" : `, above zero`;
  return field<DurationInput, number>(`${DURATION_FORMS}${bounds}, up to ${max / DAY} days`, (value) => {
    const parsed = typeof value === "string" || typeof value === "number" ? parseDuration(value) : null;
    return parsed !== null && parsed >= min && parsed <= max ? parsed : undefined;
  });
}

/**
 * How long ended tasks are kept. In a string, durations by state are written
 * `success=1d,failure=30d`.
 */
export function resultsExpire(standard: number) {
  return field<ResultsExpire, Keep>(RESULTS_EXPIRE_FORMS, (value) => {
    const read = readResultsExpire(parseSpans(value) as ResultsExpire);
    if (read === null) return undefined;
    if (typeof value === "number" || (typeof value === "string" && !value.includes("="))) return read.SUCCESS;
    return { SUCCESS: standard, FAILURE: standard, REVOKED: standard, EXPIRED: standard, ...read };
  });
}

/** AES-256 keys with their ids. The first one encrypts. */
export function encryptionKeys() {
  return field<readonly string[] | string, readonly [KeyringKey, ...KeyringKey[]]>(
    'keys such as "k2:<base64 of 32 bytes>,k1:<base64 of 32 bytes>", each with a different id (1 to 32 letters, digits, "_" or "-")',
    (value) => {
      const texts: unknown[] = Array.isArray(value) ? value : String(value).split(",");
      const keys = texts.map((item) => /^([\w-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(String(item).trim()));
      const read = keys.map((key) => key && { id: key[1]!, key: Buffer.from(key[2]!, "base64") });
      const ids = new Set(read.map((key) => key?.id));
      return read.length > 0 && ids.size === read.length && read.every((key) => key?.key.length === 32)
        ? (read as unknown as readonly [KeyringKey, ...KeyringKey[]])
        : undefined;
    },
  );
}

/** A number of bytes from `min` to `max`. */
export function bytes(min: number, max: number) {
  const expected = `${BYTES_FORMS}, from ${formatBytes(min)} to ${formatBytes(max)}`;
  return field<BytesInput, number>(expected, (value) => {
    const parsed = typeof value === "string" || typeof value === "number" ? parseBytes(value) : null;
    return parsed !== null && parsed >= min && parsed <= max ? parsed : undefined;
  });
}

/** The largest and smallest size of a worker, written as in Celery: `"10,2"`. */
export function autoscale() {
  const expected = `"max,min" with 1 <= min <= max <= ${MAX_CONCURRENCY}, such as "10,2"`;
  return field<string | Autoscale, Autoscale>(expected, (value) => {
    const [, most, least = "1"] = /^\s*(\d{1,4})\s*(?:,\s*(\d{1,4})\s*)?$/.exec(String(value)) ?? [];
    const given = typeof value === "object" && value !== null ? (value as Partial<Autoscale>) : null;
    const { min, max } = given ?? { min: Number(least), max: Number(most) };
    const fits = [min, max].every(Number.isInteger) && min! >= 1 && min! <= max! && max! <= MAX_CONCURRENCY;
    return fits ? { min: min!, max: max! } : undefined;
  });
}

/**
 * Numbers by name, each with a default. In a string: `total=5000,perAddress=500`. Names that are
 * left out keep their defaults.
 */
export function counts<const Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  { min = 1, max = 1_000_000, whole = true }: { min?: number; max?: number; whole?: boolean } = {},
) {
  const names = Object.keys(defaults) as Name[];
  const example = names.map((name) => `${name}=${defaults[name]}`).join(",");
  const expected = `numbers from ${min} to ${max} for some of ${names.join(", ")}, such as "${example}"`;
  return field<string | Readonly<Partial<Record<Name, number>>>, Readonly<Record<Name, number>>>(
    expected,
    (value) => {
      const given = typeof value === "string" ? parseCounts(value) : value;
      if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
      const fits = Object.entries(given).every(
        ([name, count]) =>
          Object.hasOwn(defaults, name) &&
          (whole ? Number.isInteger(count) : Number.isFinite(count)) &&
          (count as number) >= min &&
          (count as number) <= max,
      );
      return fits ? { ...defaults, ...given } : undefined;
    },
  );
}

function parseCounts(text_: string): Record<string, number> {
  const pairs = splitList(text_).map((item) => item.split("=").map((part) => part.trim()));
  return Object.fromEntries(pairs.map(([name = "", ...count]) => [name, readCount(count.join("="))]));
}

function readCount(count: string): number {
  return /^\d{1,9}(?:\.\d{1,6})?$/.test(count) ? Number(count) : Number.NaN;
}

export function flag() {
  return field<boolean, boolean>("true or false", (value) => {
    if (typeof value === "boolean") return value;
    if (typeof value !== "string") return undefined;
    if (/^(?:true|1|yes|on)$/i.test(value)) return true;
    return /^(?:false|0|no|off)$/i.test(value) ? false : undefined;
  });
}

export function oneOf<const T extends string>(choices: readonly T[]) {
  return field<T, T>(`one of ${choices.join(", ")}`, (value) => choices.find((choice) => choice === value));
}

/**
 * The URL of a service, with one of these schemes. Surrounding whitespace, such as the line break
 * at the end of a file, is removed. Only the form of the URL is checked here; its user checks the
 * rest.
 */
export function serviceUrl(expected: string, schemes: RegExp) {
  return field<string, string>(expected, (value) => {
    if (typeof value !== "string") return undefined;
    const url = splitServiceUrl(value.trim());
    return url && schemes.test(url.scheme) ? value.trim() : undefined;
  });
}

/**
 * The address of a server, without user, password and parameters: they would have no effect, and be
 * shown.
 */
export function httpUrl(expected: string) {
  return field<string, string>(expected, (value) => {
    if (typeof value !== "string") return undefined;
    const url = splitServiceUrl(value.trim());
    const isPlain = url?.hosts.length === 1 && url.query === "" && (url.username ?? url.password) === null;
    return isPlain && /^https?$/.test(url.scheme) && URL.canParse(value) ? value.trim() : undefined;
  });
}

/** An IANA time zone. */
export function zone() {
  return field<string, string>("the IANA name of a time zone, such as Europe/Vienna", (value) =>
    typeof value === "string" && isTimeZone(value) ? value : undefined,
  );
}

/** Schedules, or their JSON. Each one is checked later, when its task is known. */
export function schedules() {
  return field<readonly ScheduleInput[] | string, readonly ScheduleInput[]>(
    'a list of schedules such as {"name": "nightly", "taskName": "report.make", "timing": {"crontab": "0 3 * * *"}}',
    (value) => {
      const list_ = typeof value === "string" ? parseJson(value) : value;
      return Array.isArray(list_) && list_.every(isSchedule) ? list_ : undefined;
    },
  );
}

function isSchedule(item: unknown): item is ScheduleInput {
  const { name, taskName, timing } = (item ?? {}) as Partial<Record<keyof ScheduleInput, unknown>>;
  return (
    typeof name === "string" && typeof taskName === "string" && typeof timing === "object" && timing !== null
  );
}

function parseJson(text_: string): unknown {
  try {
    return JSON.parse(text_) as unknown;
  } catch {
    return undefined;
  }
}

/** An array of strings. A single string is split at its commas, except those inside braces. */
export function list(expected: string, isItem: (item: string) => boolean) {
  return field<readonly string[] | string, readonly string[]>(expected, (value) => {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    if (!values.every((item) => typeof item === "string")) return undefined;
    const items = values.flatMap(splitList);
    return items.every(isItem) ? items : undefined;
  });
}

function splitList(text_: string): string[] {
  return text_
    .split(/,(?![^{]*\})/)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
