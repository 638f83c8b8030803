import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import { DAY, MINUTE, SECOND } from "../lib/clock.ts";

export const BACKOFFS = ["FIXED", "LINEAR", "EXPONENTIAL"] as const;
export type Backoff = (typeof BACKOFFS)[number];

/** How often and when a failed attempt is followed by another. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** Whether each delay is drawn at random from its upper half, so that tasks that failed together do not come back together. */
  readonly jitter: boolean;
}

/** What a definition may say about retries. */
export interface RetryOptions {
  /** Attempts in all, the first one included; 1 to 1000. @default 3 */
  readonly maxAttempts?: number;
  /** `fixed`: always `initialDelay`; `linear`: n times it; `exponential`: doubled each time. @default "exponential" */
  readonly backoff?: Lowercase<Backoff>;
  /** Pause after the first failure. @default "1s" */
  readonly initialDelay?: DurationInput;
  /** No pause is longer; at most 365 days. @default "10m" */
  readonly maxDelay?: DurationInput;
  /** @default true */
  readonly jitter?: boolean;
}

export const MAX_ATTEMPTS = 1_000;
const MAX_DELAY_MS = 365 * DAY;

/** What a definition gets that says nothing. */
export const DEFAULT_RETRY = {
  maxAttempts: 3,
  backoff: "EXPONENTIAL",
  initialDelayMs: SECOND,
  maxDelayMs: 10 * MINUTE,
  jitter: true,
} as const satisfies RetryPolicy;

/** The pause before the next attempt, in milliseconds. `attempt` is the one that just failed, from 1. `random` is in [0, 1). */
export function retryDelay(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const raw = {
    FIXED: policy.initialDelayMs,
    LINEAR: policy.initialDelayMs * attempt,
    EXPONENTIAL: policy.initialDelayMs * 2 ** Math.min(attempt - 1, 52),
  }[policy.backoff];
  const delay = Math.min(raw, policy.maxDelayMs);
  return Math.round(policy.jitter ? delay / 2 + (random() * delay) / 2 : delay);
}

/** Fills in defaults; adds a line to `problems` for each mistake. */
export function resolveRetry(options: RetryOptions = {}, problems: string[] = []): RetryPolicy {
  const { maxAttempts = DEFAULT_RETRY.maxAttempts, jitter = DEFAULT_RETRY.jitter } = options;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS) {
    problems.push(
      `retry.maxAttempts must be an integer from 1 to ${MAX_ATTEMPTS}, got ${String(maxAttempts)}`,
    );
  }
  const backoff = (options.backoff?.toUpperCase() ?? DEFAULT_RETRY.backoff) as Backoff;
  if (!BACKOFFS.includes(backoff)) {
    problems.push(
      `retry.backoff must be "fixed", "linear" or "exponential", got ${JSON.stringify(options.backoff)}`,
    );
  }
  const initialDelayMs = readDelay(
    "retry.initialDelay",
    options.initialDelay,
    DEFAULT_RETRY.initialDelayMs,
    problems,
  );
  const maxDelayMs = readDelay("retry.maxDelay", options.maxDelay, DEFAULT_RETRY.maxDelayMs, problems);
  return { maxAttempts, backoff, initialDelayMs, maxDelayMs, jitter };
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
