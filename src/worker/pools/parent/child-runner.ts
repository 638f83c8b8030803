import { ChildStartFailed, toError, WorkerStopping } from "../../../errors.ts";
import { SECOND } from "../../../lib/clock.ts";
import { startTimeLimits } from "../../attempt/limit-timers.ts";
import type { RunContext } from "../../attempt/run-context.ts";
import type { Executor, Settled } from "../../attempt/runner.ts";
import type { PoolChild } from "./pool-child.ts";
import type { ChildPool } from "./child-pool.ts";

export interface ChildRunnerOptions {
  /** How long an attempt may take to end by itself after its time limit or a cancel, in milliseconds; then its child is killed. @default 2_000 */
  readonly abortGraceMs?: number;
  /** The same when the worker stops. @default 1_000 */
  readonly stopGraceMs?: number;
}

/** An attempt whose child died before it began is handed to another so often. */
const MAX_HANDOVERS = 5;

/**
 * Runs attempts in the children of a pool, under the same limits as in this thread, with one difference: code that heeds no abort is ended, and
 * when the attempt is over nothing of it goes on.
 */
export class ChildRunner implements Executor {
  constructor(
    private readonly pool: Pick<ChildPool, "take" | "release">,
    private readonly options: ChildRunnerOptions = {},
  ) {}

  run = async (context: RunContext): Promise<Settled> => {
    try {
      for (let handovers = 0; handovers < MAX_HANDOVERS; handovers += 1) {
        const child = await this.pool.take((withdraw) => context.onAbort(withdraw));
        const settled = await this.#runIn(child, context);
        void this.pool.release(child);
        if (settled) return settled;
      }
      throw new ChildStartFailed(`${MAX_HANDOVERS} died before the attempt began.`);
    } catch (thrown) {
      return { ok: false, thrown: toError(thrown) };
    }
  };

  /** Time limits count from here: before, the attempt waited for a child. */
  async #runIn(child: PoolChild, context: RunContext): Promise<Settled | null> {
    const { abortGraceMs = 2 * SECOND, stopGraceMs = SECOND } = this.options;
    const stopTimers = startTimeLimits(context, (reason) => child.abort(reason));
    let grace: NodeJS.Timeout | undefined;
    const ended = child.run(context);
    context.onAbort((reason) => {
      child.abort(reason);
      grace = setTimeout(
        () => child.kill(reason),
        reason instanceof WorkerStopping ? stopGraceMs : abortGraceMs,
      );
    });
    const settled = await ended;
    stopTimers();
    clearTimeout(grace);
    context.onAbort(() => undefined);
    return settled;
  }
}
