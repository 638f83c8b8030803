import { jittered } from "../../lib/async/backoff.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import { MAX_DELAY_MS } from "./control-errors.ts";
import { checkErrorMatch, type ErrorMatch } from "./error-match.ts";

export const BACKOFFS = ["FIXED", "LINEAR", "EXPONENTIAL", "CUSTOM"] as const;
export type Backoff = (typeof BACKOFFS)[number];

/**
 * Returns the delay after a failed attempt. `attempt` is its number, from 1; `error` is what it
 * threw.
 */
export type BackoffFunction = (attempt: number, error: unknown) => DurationInput;

/** The retry policy of a definition: how often and when a failed attempt is followed by another. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /**
   * Whether each delay is drawn at random from its upper half, so that tasks that failed together
   * do not return together.
   */
  readonly jitter: boolean;
  /** The back-off function of CUSTOM. */
  readonly custom: BackoffFunction | null;
  /** Only these errors are retried. */
  readonly on: ErrorMatch | null;
  /** These errors are not retried. */
  readonly notOn: ErrorMatch | null;
  /** Time from the first due time after which no attempt starts, in milliseconds. */
  readonly forMs: number | null;
}

/** The retry options of a definition. */
export interface RetryOptions {
  /** Number of attempts, including the first; 1 to 1000. @default 3, or 1000 with `for` */
  readonly maxAttempts?: number;
  /**
   * `fixed`: always `initialDelay`; `linear`: n times that; `exponential`: doubled each time. Or a
   * function of the number of the attempt and its error. If that throws or does not return a
   * duration, the delay is `exponential`, and the worker logs it.
   * @default "exponential"
   */
  readonly backoff?: Lowercase<Exclude<Backoff, "CUSTOM">> | BackoffFunction;
  /** Delay after the first failure. @default "1s" */
  readonly initialDelay?: DurationInput;
  /** Longest delay, at most 365 days. @default "10m"; 365 days if `backoff` is a function */
  readonly maxDelay?: DurationInput;
  /**
   * Whether each delay is drawn at random from its upper half.
   * @default true; false if `backoff` is a function
   */
  readonly jitter?: boolean;
  /**
   * Time from the first due time after which no attempt starts. With `maxAttempts`, the first of
   * both ends the retries. At most 365 days.
   * @default none
   */
  readonly for?: DurationInput;
  /** Errors to retry; others fail the task at once. @default all but `FatalError` */
  readonly on?: ErrorMatch;
  /** Errors not to retry; overrides `on`. @default only `FatalError` */
  readonly notOn?: ErrorMatch;
}

export const MAX_ATTEMPTS = 1_000;

/** The policy of a definition without `retry`. */
export const DEFAULT_RETRY = {
  maxAttempts: 3,
  backoff: "EXPONENTIAL",
  initialDelayMs: SECOND,
  maxDelayMs: 10 * MINUTE,
  jitter: true,
  custom: null,
  on: null,
  notOn: null,
  forMs: null,
} as const satisfies RetryPolicy;

/**
 * Returns the delay before the next attempt, in milliseconds.
 *
 * @param attempt number of the failed attempt, from 1
 * @param random returns a number in [0, 1)
 */
export function retryDelay(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const exponential = policy.initialDelayMs * 2 ** Math.min(attempt - 1, 52);
  const raw = {
    FIXED: policy.initialDelayMs,
    LINEAR: policy.initialDelayMs * attempt,
    EXPONENTIAL: exponential,
    CUSTOM: exponential, // For where the function has no answer.
  }[policy.backoff];
  return inBounds(policy, raw, random);
}

/**
 * Returns the delay by the function of the definition; null without one.
 *
 * @throws what the function throws; TypeError if it does not return a duration
 */
export function customDelay(
  policy: RetryPolicy,
  attempt: number,
  thrown: unknown,
  random: () => number = Math.random,
): number | null {
  if (!policy.custom) return null;
  const result: unknown = policy.custom(attempt, thrown);
  if (result instanceof Promise) result.catch(() => undefined); // Its rejection must not end the process.
  const ms = typeof result === "number" ? Math.round(result) : result;
  const delay = typeof ms === "number" || typeof ms === "string" ? parseDuration(ms) : null;
  if (delay === null) throw new TypeError(`It must return ${DURATION_FORMS}; it returned ${String(result)}.`);
  return inBounds(policy, delay, random);
}

function inBounds({ maxDelayMs, jitter }: RetryPolicy, raw: number, random: () => number): number {
  const delay = Math.min(raw, maxDelayMs);
  return Math.round(jitter ? jittered(delay, random) : delay);
}

/** Fills in defaults. Adds a line to `problems` for each mistake. */
export function resolveRetry(options: RetryOptions = {}, problems: string[] = []): RetryPolicy {
  const custom = typeof options.backoff === "function" ? options.backoff : null;
  const forMs = options.for === undefined ? null : readDelay("retry.for", options.for, 1, problems);
  if (forMs === 0) problems.push("retry.for: expected a duration above zero, got 0");
  checkErrorMatch("retry.on", options.on, problems);
  checkErrorMatch("retry.notOn", options.notOn, problems);
  const longest = custom ? MAX_DELAY_MS : DEFAULT_RETRY.maxDelayMs;
  return {
    maxAttempts: readMaxAttempts(options, problems),
    backoff: custom ? "CUSTOM" : readBackoff(options.backoff, problems),
    initialDelayMs: readDelay(
      "retry.initialDelay",
      options.initialDelay,
      DEFAULT_RETRY.initialDelayMs,
      problems,
    ),
    maxDelayMs: readDelay("retry.maxDelay", options.maxDelay, longest, problems),
    jitter: options.jitter ?? !custom,
    custom,
    on: options.on ?? null,
    notOn: options.notOn ?? null,
    forMs,
  };
}

function readMaxAttempts({ maxAttempts, for: span }: RetryOptions, problems: string[]): number {
  if (maxAttempts === undefined) return span === undefined ? DEFAULT_RETRY.maxAttempts : MAX_ATTEMPTS;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS) {
    problems.push(
      `retry.maxAttempts: expected an integer from 1 to ${MAX_ATTEMPTS}, got ${String(maxAttempts)}`,
    );
  }
  return maxAttempts;
}

function readBackoff(backoffOption: RetryOptions["backoff"], problems: string[]): Backoff {
  if (backoffOption === undefined) return DEFAULT_RETRY.backoff;
  const backoff = (typeof backoffOption === "string" ? backoffOption.toUpperCase() : "") as Backoff;
  if (!BACKOFFS.includes(backoff) || backoff === "CUSTOM") {
    problems.push(
      `retry.backoff: expected "fixed", "linear", "exponential", or a function, got ${JSON.stringify(backoffOption)}`,
    );
  }
  return backoff;
}

function readDelay(
  key: string,
  value: DurationInput | undefined,
  fallback: number,
  problems: string[],
): number {
  if (value === undefined) return fallback;
  const parsed = parseDuration(value);
  if (parsed !== null && parsed <= MAX_DELAY_MS) return parsed;
  problems.push(`${key}: expected ${DURATION_FORMS}, at most 365 days, got ${JSON.stringify(value)}`);
  return fallback;
}
