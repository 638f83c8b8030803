import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import type { Json } from "../../lib/json.ts";

/** No pause between two attempts is longer. */
export const MAX_DELAY_MS = 365 * DAY;

export interface RetryTaskOptions<Input = unknown> {
  /** Pause before the next attempt; at most 365 days. @default what the definition's `retry` says */
  readonly delay?: DurationInput;
  /** The task's input from now on, as a caller would send it. @default the same as before */
  readonly input?: Input;
  /** Why, for people. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/**
 * Thrown by task authors: try again, after `delay`, with `input` where it is given. The attempt counts like one that failed, and shows among
 * `attempts`; when none is left the task becomes FAILURE. An `input` that does not fit the definition fails the task for good.
 *
 * @throws TypeError (the constructor) for a `delay` that cannot be used
 */
export class RetryTask<Input = unknown> extends Error {
  override readonly name: string = "RetryTask";
  /** In milliseconds; null for what the definition says. */
  readonly delayMs: number | null;
  /** The new input as the only element; null to keep the old one. */
  readonly newInput: readonly [Input] | null;

  constructor({ delay, input, reason, cause }: RetryTaskOptions<Input> = {}) {
    super(reason ?? "The task asked to be tried again.", cause === undefined ? undefined : { cause });
    this.delayMs = delay === undefined ? null : readDelay("RetryTask", delay);
    this.newInput = input === undefined ? null : [input];
  }
}

/**
 * Thrown by task authors, most simply by `ctx.snooze(delay)`: not now, ask again after `delay`. No attempt is charged, and nothing has failed;
 * it works as often as it is thrown.
 *
 * @throws TypeError (the constructor) for a `delay` that cannot be used
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
 * Thrown by task authors, most simply by `ctx.rateLimited(delay)`: somebody said that there were too many. As `SnoozeTask`, and until then no
 * other task of the definition starts either, on any worker, if it has a `rateLimit` or `concurrency`.
 *
 * @throws TypeError (the constructor) for a `delay` that cannot be used
 */
export class RateLimitedTask extends SnoozeTask {
  override readonly name: string = "RateLimitedTask";
}

function readDelay(what: string, delay: DurationInput): number {
  const isSpan = typeof delay === "number" || typeof delay === "string";
  const ms = isSpan ? parseDuration(delay) : null;
  if (ms !== null && ms <= MAX_DELAY_MS) return ms;
  throw new TypeError(
    `The delay of ${what} must be ${DURATION_FORMS}, at most 365 days; got ${JSON.stringify(delay)}.`,
  );
}

/** What an author asked for by throwing. */
export type Control =
  | { readonly kind: "snooze"; readonly delayMs: number; readonly closesPartition: boolean }
  | { readonly kind: "retry"; readonly delayMs: number | null; readonly newInput: readonly [Json] | null };

/** Reads what was thrown; null for anything else. By name: a task file may have loaded its own copy of this package. */
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
    // Even to ask may throw: a proxy, a getter.
    return null;
  }
}

function isDelay(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_DELAY_MS;
}
