import type { TransactionRecorder } from "../../engine/outcome/transaction-recorder.ts";
import { TimeLimitExceeded } from "../../errors.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { Keep } from "../../task/records/results.ts";
import { successOf } from "./classify.ts";
import { outputOf } from "./runner.ts";
import type { OwnWrites, RunContext } from "./run-context.ts";

/** Runs what a task writes through `ctx.transaction`, checks what it returns, and records that with it as the task's success. */
export class TaskTransactor {
  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly recorder: TransactionRecorder;
      /** How long ended tasks are kept, in milliseconds, where the definition does not say. */
      readonly keepMs: Keep;
    },
  ) {}

  transact = async <Result>(context: RunContext, work: OwnWrites<Result>): Promise<Result> => {
    const { registry, recorder, keepMs } = this.parts;
    const definition = registry.get(context.name)!; // It runs, so it is there.
    const { abandoned } = context;
    let returned: Result | undefined;
    context.recorded = await recorder.record(
      context.task,
      async (em) => {
        abandoned.throwIfAborted(); // It may have waited for its turn.
        returned = await unlessAborted(abandoned, work(em));
        const output = await outputOf(definition, returned);
        // As for an attempt that ends well, but too late.
        if (context.abortReason instanceof TimeLimitExceeded) throw context.abortReason;
        return successOf(definition, context, output, keepMs);
      },
      abandoned,
    );
    return returned as Result;
  };
}

/** A transaction must end when nobody waits for it, whatever its code does: it holds a connection that others need. */
async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result> | Result): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
