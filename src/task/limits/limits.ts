import { createHash } from "node:crypto";

import type { Json } from "../../lib/json/json.ts";
import type { SecretKeys } from "../sensitive/secret-keys.ts";
import { parseRate, type Rate, RATE_FORMS } from "./rate.ts";

/**
 * The key of a limit: a path into the input such as `"customer.id"`, or a function of the input.
 */
export type LimitKey<Input = never> = string | ((input: Input) => string);

/** A rate limit with a key. */
export interface RateLimitOptions<Input = never> {
  /**
   * A rate such as `"100/s"`, `"10/m"`, `"5/h"`, `"1000/d"`: starts within any period of that
   * length.
   */
  readonly limit: string;
  /**
   * Each value of this key has its own count. @default one count for all tasks of the definition
   */
  readonly key?: LimitKey<Input>;
}

/** A concurrency limit with a key. */
export interface ConcurrencyOptions<Input = never> {
  /** At least 1. */
  readonly max: number;
  /**
   * Each value of this key has its own count. @default one count for all tasks of the definition
   */
  readonly key?: LimitKey<Input>;
}

export type RateLimitInput<Input = never> = string | RateLimitOptions<Input>;
export type ConcurrencyInput<Input = never> =
  | number
  | ConcurrencyOptions<Input>
  | readonly ConcurrencyOptions<Input>[];

/** A limit with the index of its key; null for one count of all tasks. */
interface Keyed {
  readonly key: number | null;
}
export interface ConcurrencyLimit extends Keyed {
  readonly max: number;
}
export interface RateLimit extends Keyed {
  readonly rate: Rate;
}

/** The limits of a definition. */
export interface TaskLimits {
  readonly rate: RateLimit | null;
  readonly concurrency: readonly ConcurrencyLimit[];
  readonly keys: readonly LimitKey[];
}

/** Limit key of a task whose limits count all tasks together. */
export const NO_KEYS = "-";
const SEPARATOR = ".";
const HASH_LENGTH = 16;
const MAX_CONCURRENCY = 1_000_000;
const MAX_LIMITS = 4;
const KEY_PATH = /^[^.]+(\.[^.]+)*$/;

/**
 * Reads the limits of a definition. Adds a line to `problems` for each mistake. Returns null if
 * there are none.
 */
export function readLimits(
  options: { readonly rateLimit?: RateLimitInput; readonly concurrency?: ConcurrencyInput },
  problems: string[],
): TaskLimits | null {
  const { rateLimit, concurrency } = options;
  if (rateLimit === undefined && concurrency === undefined) return null;
  const keys: LimitKey[] = [];
  const rate = rateLimit === undefined ? null : readRate(rateLimit, keys, problems);
  return Object.freeze({ rate, concurrency: readConcurrency(concurrency, keys, problems), keys });
}

function readRate(input: RateLimitInput, keys: LimitKey[], problems: string[]): RateLimit | null {
  const { limit, key } =
    typeof input === "object" && input !== null ? input : { limit: input, key: undefined };
  const rate = parseRate(limit);
  if (!rate) problems.push(`rateLimit: expected ${RATE_FORMS}, got ${JSON.stringify(limit)}`);
  return rate && { rate, key: readKey("rateLimit", key, keys, problems) };
}

function readConcurrency(
  input: ConcurrencyInput | undefined,
  keys: LimitKey[],
  problems: string[],
): ConcurrencyLimit[] {
  if (input === undefined) return [];
  const limits = (Array.isArray(input) ? input : [input]) as readonly (number | ConcurrencyOptions)[];
  if (limits.length === 0 || limits.length > MAX_LIMITS) {
    problems.push(`concurrency: expected one limit or an array of 1 to ${MAX_LIMITS}, got ${limits.length}`);
  }
  return limits.map((limit) => {
    const { max, key } = typeof limit === "object" && limit !== null ? limit : { max: limit, key: undefined };
    if (!Number.isInteger(max) || max < 1 || max > MAX_CONCURRENCY) {
      problems.push(
        `concurrency: expected an integer from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(max)}`,
      );
    }
    return { max, key: readKey("concurrency", key, keys, problems) };
  });
}

/** Limits with the same key share its index. */
function readKey(
  option: string,
  key: LimitKey | undefined,
  keys: LimitKey[],
  problems: string[],
): number | null {
  if (key === undefined) return null;
  if (typeof key !== "function" && !(typeof key === "string" && KEY_PATH.test(key))) {
    problems.push(
      `${option}.key: expected a path into the input such as "customer.id", or a function of the input, got ${JSON.stringify(key)}`,
    );
  }
  const known = keys.indexOf(key);
  return known >= 0 ? known : keys.push(key) - 1;
}

/**
 * Returns the limit key of a task: one hash for each key of its definition, so that it does not
 * show the input. A key made of a sensitive field has a keyed hash.
 *
 * @throws what the function of a key throws; TypeError if it returns neither a string nor a number;
 *   NoKeysError
 */
export function limitKeyOf({ keys }: TaskLimits, input: Json, secretKeys: SecretKeys | null = null): string {
  return keys.length === 0 ? NO_KEYS : keys.map((key) => partFor(key, input, secretKeys)).join(SEPARATOR);
}

function partFor(key: LimitKey, input: Json, secretKeys: SecretKeys | null): string {
  if (secretKeys === null) return hash(valueOf(key, input));
  const made =
    typeof key === "string"
      ? { key: readPath(key, input), digest: secretKeys.ofPath("limit", key, readPath(key, input)) }
      : secretKeys.ofFunction("limit", input, (given) => valueOf(key, given as Json), JSON.stringify);
  return made.digest?.slice(0, HASH_LENGTH) ?? hash(made.key);
}

/**
 * Returns the part of a limit key that a limit counts by; equal for all tasks if the limit has no
 * key.
 */
export function partOf(limitKey: string, { key }: Keyed): string {
  return key === null ? "" : (limitKey.split(SEPARATOR)[key] ?? "");
}

/** Returns the limits with another rate for all tasks of the definition; null: unchanged. */
export function withRate(limits: TaskLimits | null, rate: Rate | null): TaskLimits | null {
  if (rate === null) return limits;
  return { concurrency: [], keys: [], ...limits, rate: { rate, key: limits?.rate?.key ?? null } };
}

/** Returns the key of a limit for display; null if it counts all tasks together. */
export function describeKey({ keys }: TaskLimits, { key }: Keyed): string | null {
  if (key === null) return null;
  const what = keys[key];
  return typeof what === "string" ? what : "(function)";
}

function valueOf(key: LimitKey, input: Json): unknown {
  if (typeof key === "string") return readPath(key, input);
  const value: unknown = key(input as never);
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(
    `it must return a string or a number, and returned ${value === null ? "null" : `a ${typeof value}`}`,
  );
}

function readPath(path: string, input: Json): Json {
  let value: Json | undefined = input;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, Json>>)[name];
  }
  return value ?? null;
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, HASH_LENGTH);
}
