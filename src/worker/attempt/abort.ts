import { SoftTimeLimitExceeded, TimeLimitExceeded } from "../../errors.ts";
import type { TimeLimits } from "../../task/limits/time-limits.ts";

/**
 * Whether an attempt should end early, and why. Its `AbortSignal`s are created when they are first
 * read: most tasks read none of them.
 */
export class AttemptAbort {
  #reason: Error | null = null;
  #softReason: Error | null = null;
  #listener: ((reason: Error) => void) | null = null;
  #controller: AbortController | null = null;
  #abandoned: AbortController | null = null;

  /** The signal that the task's code receives as `ctx.signal`. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      const reason = this.#softReason ?? this.#reason;
      if (reason) this.#controller.abort(reason);
    }
    return this.#controller.signal;
  }

  /** Why the attempt should end early; null while it should not. */
  get reason(): Error | null {
    return this.#reason;
  }

  /** Requests the end of the attempt. Only the first reason counts. */
  request(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#listener?.(reason);
  }

  /**
   * Aborts the signal only: the attempt may still succeed. Returns false when there was a reason
   * before.
   */
  requestSoftly(reason: Error): boolean {
    if (this.#reason || this.#softReason) return false;
    this.#softReason = reason;
    this.#controller?.abort(reason);
    return true;
  }

  /** Replaces the listener of requests. It is called at once when there was a request before. */
  onRequest(listener: (reason: Error) => void): void {
    this.#listener = listener;
    if (this.#reason) listener(this.#reason);
  }

  /** Aborts when nothing waits for the attempt any more, although its code may still run. */
  get abandoned(): AbortSignal {
    this.#abandoned ??= new AbortController();
    return this.#abandoned.signal;
  }

  abandon(reason: Error): void {
    this.#abandoned ??= new AbortController();
    this.#abandoned.abort(reason);
  }
}

const NOTHING = (): void => undefined;

/**
 * Starts the timers of an attempt's time limits, which abort it. Returns a function that stops
 * them.
 *
 * @param onSoft called at the soft limit, for code that runs in a child
 */
export function startTimeLimits(
  { softMs, hardMs }: TimeLimits,
  abort: AttemptAbort,
  onSoft: (reason: SoftTimeLimitExceeded) => void = NOTHING,
): () => void {
  if (softMs === null && hardMs === null) return NOTHING;
  const soft = softMs === null ? undefined : setTimeout(onSoftLimit, softMs, softMs);
  const hard = hardMs === null ? undefined : setTimeout(onHardLimit, hardMs, hardMs);
  function onSoftLimit(limitMs: number): void {
    const reason = new SoftTimeLimitExceeded(limitMs);
    if (abort.requestSoftly(reason)) onSoft(reason);
  }
  function onHardLimit(limitMs: number): void {
    abort.request(new TimeLimitExceeded(limitMs));
  }
  return () => {
    clearTimeout(soft);
    clearTimeout(hard);
  };
}
