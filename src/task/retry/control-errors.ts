import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import type { Json } from "../../lib/json/json.ts";

/** Longest delay between two attempts, in milliseconds. */
export const MAX_DELAY_MS = 365 * DAY;

export interface RetryTaskOptions<Input = unknown> {
  /**
   * Delay before the next attempt, at most 365 days. @default that of the `retry` of the definition
   */
  readonly delay?: DurationInput;
  /** New input of the task, as a caller would send it. @default unchanged */
  readonly input?: Input;
  /** Reason, for logs and the dashboard. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/**
 * Thrown by task code to try again, after `delay` and with `input` if given. The attempt counts as
 * failed and is listed in `attempts`; if none is left, the task becomes FAILURE. An `input` that
 * does not fit the definition fails the task for good.
 *
 * @throws TypeError (the constructor) for an invalid `delay`
 */
export class RetryTask<Input = unknown> extends Error {
  override readonly name: string = "RetryTask";
  /** Delay in milliseconds; null for that of the definition. */
  readonly delayMs: number | null;
  /** The new input as the only element; null to keep the input. */
  readonly newInput: readonly [Input] | null;

  constructor({ delay, input, reason, cause }: RetryTaskOptions<Input> = {}) {
    super(reason ?? "The task asked to be tried again.", cause === undefined ? undefined : { cause });
    this.delayMs = delay === undefined ? null : readDelay("RetryTask", delay);
    this.newInput = input === undefined ? null : [input];
  }
}

/**
 * Thrown by task code (or `ctx.snooze(delay)`) to run again after `delay`. The attempt is not
 * counted and nothing has failed, so it may be thrown any number of times.
 *
 * @throws TypeError (the constructor) for an invalid `delay`
 */
export class SnoozeTask extends Error {
  override readonly name: string = "SnoozeTask";
  readonly delayMs: number;

  constructor(delay: DurationInput) {
    super("The task asked to be run later.");
    this.delayMs = readDelay("SnoozeTask", delay);
  }
}

/**
 * Thrown by task code (or `ctx.rateLimited(delay)`) after a response such as HTTP 429. Like
 * `SnoozeTask`, and until then no other task of the definition starts on any worker, if the
 * definition has a `rateLimit` or `concurrency`.
 *
 * @throws TypeError (the constructor) for an invalid `delay`
 */
export class RateLimitedTask extends SnoozeTask {
  override readonly name: string = "RateLimitedTask";
}

function readDelay(what: string, delay: DurationInput): number {
  const isSpan = typeof delay === "number" || typeof delay === "string";
  const ms = isSpan ? parseDuration(delay) : null;
  if (ms !== null && ms <= MAX_DELAY_MS) return ms;
  throw new TypeError(
    `delay of ${what}: expected ${DURATION_FORMS}, at most 365 days, got ${JSON.stringify(delay)}.`,
  );
}

/** The request of a control error. */
export type Control =
  | { readonly kind: "snooze"; readonly delayMs: number; readonly closesPartition: boolean }
  | { readonly kind: "retry"; readonly delayMs: number | null; readonly newInput: readonly [Json] | null };

/**
 * Reads a thrown value; returns null if it is not a control error. It compares names: a task file
 * may have loaded another copy of this package.
 */
export function readControl(thrown: unknown): Control | null {
  try {
    if (!(thrown instanceof Error)) return null;
    const { name, delayMs, newInput } = thrown as Error & { delayMs?: unknown; newInput?: unknown };
    const delay = isDelay(delayMs) ? delayMs : null;
    if (name === "SnoozeTask" || name === "RateLimitedTask")
      return delay === null
        ? null
        : { kind: "snooze", delayMs: delay, closesPartition: name === "RateLimitedTask" };
    if (name !== "RetryTask") return null;
    return {
      kind: "retry",
      delayMs: delay,
      newInput: Array.isArray(newInput) ? [newInput[0] as Json] : null,
    };
  } catch {
    // Reading a property may throw: a proxy, a getter.
    return null;
  }
}

function isDelay(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_DELAY_MS;
}
