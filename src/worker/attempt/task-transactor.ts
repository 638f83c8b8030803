import type { TransactionRecorder } from "../../engine/outcome/transaction-recorder.ts";
import { TimeLimitExceeded } from "../../errors.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { Keep } from "../../task/records/results.ts";
import { outputOf } from "./attempt.ts";
import { successOf } from "./classify.ts";
import type { Committed, TransactionWork } from "./own-calls.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Performs `ctx.transaction`: runs its work, checks the output, and records both with the task's
 * success.
 */
export class TaskTransactor {
  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly recorder: TransactionRecorder;
      /** How long finished tasks are kept, in milliseconds, unless the definition sets it. */
      readonly keepMs: Keep;
    },
  ) {}

  transact = async <Result>(
    context: RunContext,
    work: TransactionWork<Result>,
  ): Promise<Committed<Result>> => {
    const { registry, recorder, keepMs } = this.parts;
    const definition = registry.get(context.name)!; // Its code runs, so it is registered.
    const { abandoned } = context.abort;
    let result: Result | undefined;
    const state = await recorder.record(
      context.task,
      async (em) => {
        abandoned.throwIfAborted(); // It may have waited for a connection.
        result = await unlessAborted(abandoned, work(em));
        const output = await outputOf(definition, result);
        // An attempt that succeeds after its time limit fails, also without a transaction.
        const { reason } = context.abort;
        if (reason instanceof TimeLimitExceeded) throw reason;
        return successOf(definition, context, output, keepMs);
      },
      abandoned,
    );
    return { state, result: result as Result };
  };
}

/**
 * A transaction must end when nothing waits for it, whatever its code does: it holds a connection
 * that others need.
 */
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
