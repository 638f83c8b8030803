import { jittered } from "../../lib/backoff.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import { MAX_DELAY_MS } from "./control-errors.ts";
import { checkErrorMatch, type ErrorMatch } from "./error-match.ts";

export const BACKOFFS = ["FIXED", "LINEAR", "EXPONENTIAL", "CUSTOM"] as const;
export type Backoff = (typeof BACKOFFS)[number];

/** Gives the pause after an attempt that failed. `attempt` is its number, from 1; `error` is what it threw. */
export type BackoffFunction = (attempt: number, error: unknown) => DurationInput;

/** How often and when a failed attempt is followed by another. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** Whether each delay is drawn at random from its upper half, so that tasks that failed together do not come back together. */
  readonly jitter: boolean;
  /** What CUSTOM asks for the pause. */
  readonly custom: BackoffFunction | null;
  /** Only these errors are followed by another attempt. */
  readonly on: ErrorMatch | null;
  /** These are not. */
  readonly notOn: ErrorMatch | null;
  /** No attempt begins later than so long after the task was first due, in milliseconds. */
  readonly forMs: number | null;
}

/** What a definition may say about retries. */
export interface RetryOptions {
  /** Attempts in all, the first one included; 1 to 1000. @default 3, or 1000 with `for` */
  readonly maxAttempts?: number;
  /**
   * `fixed`: always `initialDelay`; `linear`: n times it; `exponential`: doubled each time. Or a function of the attempt's number and its error;
   * where that throws, or gives no duration, `exponential` takes its place and the worker's log says so. @default "exponential"
   */
  readonly backoff?: Lowercase<Exclude<Backoff, "CUSTOM">> | BackoffFunction;
  /** Pause after the first failure. @default "1s" */
  readonly initialDelay?: DurationInput;
  /** No pause is longer; at most 365 days. @default "10m", or 365 days where `backoff` is a function */
  readonly maxDelay?: DurationInput;
  /** Whether each pause is drawn at random from its upper half. @default true, or false where `backoff` is a function */
  readonly jitter?: boolean;
  /**
   * Tries again for so long, counted from when the task was first due; no attempt begins later. With `maxAttempts`, whichever ends first.
   * At most 365 days. @default no limit
   */
  readonly for?: DurationInput;
  /** Only these errors are tried again; any other fails the task at once. @default all errors but `FatalError` */
  readonly on?: ErrorMatch;
  /** These errors are not tried again; stronger than `on`. @default none but `FatalError` */
  readonly notOn?: ErrorMatch;
}

export const MAX_ATTEMPTS = 1_000;

/** What a definition gets that says nothing. */
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

/** The pause before the next attempt, in milliseconds. `attempt` is the one that just failed, from 1. `random` is in [0, 1). */
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

/** The pause as the definition's own function says; null without one. @throws what the function throws; TypeError when it gives no duration */
export function customDelay(
  policy: RetryPolicy,
  attempt: number,
  thrown: unknown,
  random: () => number = Math.random,
): number | null {
  if (!policy.custom) return null;
  const said: unknown = policy.custom(attempt, thrown);
  if (said instanceof Promise) said.catch(() => undefined); // Nobody waits for it, and its rejection must not end the process.
  const ms = typeof said === "number" ? Math.round(said) : said;
  const delay = typeof ms === "number" || typeof ms === "string" ? parseDuration(ms) : null;
  if (delay === null) throw new TypeError(`It must give ${DURATION_FORMS}; it gave ${String(said)}.`);
  return inBounds(policy, delay, random);
}

function inBounds({ maxDelayMs, jitter }: RetryPolicy, raw: number, random: () => number): number {
  const delay = Math.min(raw, maxDelayMs);
  return Math.round(jitter ? jittered(delay, random) : delay);
}

/** Fills in defaults; adds a line to `problems` for each mistake. */
export function resolveRetry(options: RetryOptions = {}, problems: string[] = []): RetryPolicy {
  const custom = typeof options.backoff === "function" ? options.backoff : null;
  const forMs = options.for === undefined ? null : readDelay("retry.for", options.for, 1, problems);
  if (forMs === 0) problems.push("retry.for must be above zero");
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
      `retry.maxAttempts must be an integer from 1 to ${MAX_ATTEMPTS}, got ${String(maxAttempts)}`,
    );
  }
  return maxAttempts;
}

function readBackoff(said: RetryOptions["backoff"], problems: string[]): Backoff {
  if (said === undefined) return DEFAULT_RETRY.backoff;
  const backoff = (typeof said === "string" ? said.toUpperCase() : "") as Backoff;
  if (!BACKOFFS.includes(backoff) || backoff === "CUSTOM") {
    problems.push(
      `retry.backoff must be "fixed", "linear", "exponential", or a function, got ${JSON.stringify(said)}`,
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
  problems.push(`${key} must be ${DURATION_FORMS}, at most 365 days, got ${JSON.stringify(value)}`);
  return fallback;
}
