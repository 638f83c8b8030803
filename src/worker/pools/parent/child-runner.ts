import { ChildStartFailed, WorkerStopping } from "../../../errors.ts";
import { SECOND } from "../../../lib/clock.ts";
import { startTimeLimits } from "../../attempt/abort.ts";
import type { Executor } from "../../attempt/attempt.ts";
import type { RunEnd } from "../../attempt/failure.ts";
import type { RunContext } from "../../attempt/run-context.ts";
import type { ChildPool } from "./child-pool.ts";
import type { PoolChild } from "./pool-child.ts";

export interface ChildRunnerOptions {
  /**
   * How long code may take to end after its time limit or a cancel, in milliseconds. Later its
   * child is killed.
   *
   * @default 2_000
   */
  readonly abortGraceMs?: number;
  /** The same when the worker stops. @default 1_000 */
  readonly stopGraceMs?: number;
}

/** How many children an attempt is handed to when each dies before the attempt starts. */
const MAX_HANDOVERS = 5;

/**
 * Runs the code of attempts in the children of a pool, under the same limits as in this thread. One
 * thing differs: code that ignores its abort is killed, and nothing of it runs after the attempt.
 */
export class ChildRunner implements Executor {
  constructor(
    private readonly pool: Pick<ChildPool, "take" | "release">,
    private readonly options: ChildRunnerOptions = {},
  ) {}

  run = async (context: RunContext): Promise<RunEnd> => {
    for (let handovers = 0; handovers < MAX_HANDOVERS; handovers += 1) {
      const child = await this.pool.take((withdraw) => context.abort.onRequest(withdraw));
      try {
        const end = await this.#runIn(child, context);
        if (end) return end;
      } finally {
        void this.pool.release(child);
      }
    }
    throw new ChildStartFailed(`${MAX_HANDOVERS} died before the attempt started.`);
  };

  /**
   * Time limits count from here: the wait for a child is not included. Returns null when the child
   * died before the attempt started.
   */
  async #runIn(child: PoolChild, context: RunContext): Promise<RunEnd | null> {
    const { abortGraceMs = 2 * SECOND, stopGraceMs = SECOND } = this.options;
    const stopTimers = startTimeLimits(context.limits, context.abort, (reason) => child.abort(reason));
    let grace: NodeJS.Timeout | undefined;
    const ended = child.run(context);
    context.abort.onRequest((reason) => {
      child.abort(reason);
      const graceMs = reason instanceof WorkerStopping ? stopGraceMs : abortGraceMs;
      grace = setTimeout(() => child.kill(reason), graceMs);
    });
    try {
      return await ended;
    } finally {
      stopTimers();
      clearTimeout(grace);
      context.abort.onRequest(() => undefined);
    }
  }
}
