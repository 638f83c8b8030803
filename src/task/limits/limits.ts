import { createHash } from "node:crypto";

import type { Json } from "../../lib/json.ts";
import type { SecretKeys } from "../sensitive/secret-keys.ts";
import { parseRate, type Rate, RATE_FORMS } from "./rate.ts";

/** What a limit is counted by: a path into the input such as `"customer.id"`, or a function of the input. */
export type LimitKey<Input = never> = string | ((input: Input) => string);

/** How often tasks may start. */
export interface RateLimitOptions<Input = never> {
  /** `"100/s"`, `"10/m"`, `"5/h"`, `"1000/d"`: so many starts in any span of that length. */
  readonly limit: string;
  /** Counted apart for each value of this. @default all tasks of the definition together */
  readonly key?: LimitKey<Input>;
}

/** How many tasks may run at once. */
export interface ConcurrencyOptions<Input = never> {
  /** From 1. */
  readonly max: number;
  /** Counted apart for each value of this. @default all tasks of the definition together */
  readonly key?: LimitKey<Input>;
}

export type RateLimitInput<Input = never> = string | RateLimitOptions<Input>;
export type ConcurrencyInput<Input = never> =
  | number
  | ConcurrencyOptions<Input>
  | readonly ConcurrencyOptions<Input>[];

/** A limit, and which of the definition's keys it is counted by; null: all together. */
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

/** The key of a limited task whose limits are counted for all tasks together. */
export const NO_KEYS = "-";
const SEPARATOR = ".";
const HASH_LENGTH = 16;
const MAX_CONCURRENCY = 1_000_000;
const MAX_LIMITS = 4;
const KEY_PATH = /^[^.]+(\.[^.]+)*$/;

/** Reads a definition's limits; adds a line to `problems` for each mistake. Null where it has none. */
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
  if (!rate) problems.push(`rateLimit must be ${RATE_FORMS}, got ${JSON.stringify(limit)}`);
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
    problems.push(`concurrency must be one limit or a list of 1 to ${MAX_LIMITS}, got ${limits.length}`);
  }
  return limits.map((limit) => {
    const { max, key } = typeof limit === "object" && limit !== null ? limit : { max: limit, key: undefined };
    if (!Number.isInteger(max) || max < 1 || max > MAX_CONCURRENCY) {
      problems.push(
        `concurrency must be an integer from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(max)}`,
      );
    }
    return { max, key: readKey("concurrency", key, keys, problems) };
  });
}

/** Limits that are counted by the same thing share its place. */
function readKey(
  option: string,
  key: LimitKey | undefined,
  keys: LimitKey[],
  problems: string[],
): number | null {
  if (key === undefined) return null;
  if (typeof key !== "function" && !(typeof key === "string" && KEY_PATH.test(key))) {
    problems.push(
      `${option}.key must be a path into the input such as "customer.id", or a function of the input, got ${JSON.stringify(key)}`,
    );
  }
  const known = keys.indexOf(key);
  return known >= 0 ? known : keys.push(key) - 1;
}

/**
 * What a task is counted by: one hash for each of its definition's keys, so that nothing of the input shows in it. Where a key is made of a
 * sensitive field it is a keyed one.
 *
 * @throws what a key's function throws; TypeError when it returns neither a string nor a number; NoKeysError
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

/** The part of a task's key that a limit is counted by; the same for all tasks where it has none. */
export function partOf(limitKey: string, { key }: Keyed): string {
  return key === null ? "" : (limitKey.split(SEPARATOR)[key] ?? "");
}

/** The limits with another rate in place of their own, for all tasks of the definition together; null: as they are. */
export function withRate(limits: TaskLimits | null, rate: Rate | null): TaskLimits | null {
  if (rate === null) return limits;
  return { concurrency: [], keys: [], ...limits, rate: { rate, key: limits?.rate?.key ?? null } };
}

/** What a limit is counted by, for people; null where all tasks are counted together. */
export function describeKey({ keys }: TaskLimits, { key }: Keyed): string | null {
  if (key === null) return null;
  const what = keys[key];
  return typeof what === "string" ? what : "(function)";
}

function valueOf(key: LimitKey, input: Json): unknown {
  if (typeof key === "string") return readPath(key, input);
  const value: unknown = key(input as never);
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`it must return a text, and returned ${value === null ? "null" : `a ${typeof value}`}`);
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
