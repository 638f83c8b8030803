import { SoftTimeLimitExceeded, TimeLimitExceeded } from "../../errors.ts";
import type { RunContext } from "./run-context.ts";

const NOTHING = (): void => undefined;

/**
 * Counts an attempt's time limits from now on, and aborts it by them. Returns what ends the count.
 *
 * @param onSoft told of the soft limit, for code that runs elsewhere
 */
export function startTimeLimits(
  context: RunContext,
  onSoft: (reason: SoftTimeLimitExceeded) => void = NOTHING,
): () => void {
  const { softMs, hardMs } = context.limits;
  if (softMs === null && hardMs === null) return NOTHING;
  const soft = softMs === null ? undefined : setTimeout(abortSoftly, softMs, softMs);
  const hard = hardMs === null ? undefined : setTimeout(abort, hardMs, hardMs);
  function abortSoftly(limitMs: number): void {
    const reason = new SoftTimeLimitExceeded(limitMs);
    if (context.abortSoftly(reason)) onSoft(reason);
  }
  function abort(limitMs: number): void {
    context.abort(new TimeLimitExceeded(limitMs));
  }
  return () => {
    clearTimeout(soft);
    clearTimeout(hard);
  };
}
