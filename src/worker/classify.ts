import { TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../errors.ts";
import type { Outcome } from "../store/task-store.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import { retryDelay } from "../task/retry.ts";
import type { TaskError } from "../task/task.ts";
import { type Failure, plainFailure } from "./failure.ts";
import type { RunContext } from "./run-context.ts";
import type { Settled } from "./runner.ts";

/** What every outcome of an attempt holds, however it ended. */
export function outcomeBase(definition: AnyTaskDefinition, context: RunContext, keepMs: number) {
  return {
    taskId: context.id,
    workerId: context.workerId,
    version: context.task.summary.version,
    progress: context.latestProgress,
    keepMs: definition.resultsExpireMs ?? keepMs,
  };
}

/** What is recorded of an attempt. Tells the worker's log of those that failed. */
export function classify(
  definition: AnyTaskDefinition,
  context: RunContext,
  settled: Settled,
  keepMs: number,
): Outcome {
  const { abortReason } = context;
  const base = outcomeBase(definition, context, keepMs);
  const overdue = abortReason instanceof TimeLimitExceeded;
  if (settled.ok && !overdue) return { ...base, kind: "succeeded", output: settled.output };
  if (abortReason instanceof TaskCancelled) return { ...base, kind: "revoked" };
  const failure = overdue
    ? plainFailure(definition, context, abortReason)
    : readFailure(definition, context, settled);
  if (failure.kind === "snoozed") return { ...base, ...failure };
  // What was asked for by name holds; anything else may have come of the abort itself.
  if (abortReason instanceof WorkerStopping && failure.kind !== "retry")
    return { ...base, kind: "givenBack" };
  const delayMs = failure.delayMs ?? retryDelay(definition.retry, context.attempt);
  const end = failure.error.retryable ? endOf(definition, context, delayMs) : "the error is fatal";
  tell(context, failure, end, delayMs);
  if (end === null)
    return { ...base, kind: "retry", error: failure.error, delayMs, newInput: failure.newInput };
  return {
    ...base,
    kind: "failed",
    error: failure.kind === "retry" ? withReason(failure.error, end) : failure.error,
  };
}

function readFailure(definition: AnyTaskDefinition, context: RunContext, settled: Settled): Failure {
  if (!settled.ok && "failure" in settled) return settled.failure;
  return plainFailure(definition, context, context.abortReason ?? (settled.ok ? null : settled.thrown));
}

/** Why no attempt follows this one; null when one does. */
function endOf({ retry }: AnyTaskDefinition, context: RunContext, delayMs: number): string | null {
  const { attempt, maxAttempts } = context;
  if (attempt >= maxAttempts) return `attempt ${attempt} of ${maxAttempts} was the last`;
  if (retry.forMs === null) return null;
  const { createdAt, task } = context;
  const lastStart = createdAt.getTime() + (task.options?.firstDueMs ?? 0) + retry.forMs;
  return context.now() + delayMs > lastStart ? "the time of retry.for is over" : null;
}

function tell(
  { log, maxAttempts }: RunContext,
  { error, expected }: Exclude<Failure, { kind: "snoozed" }>,
  end: string | null,
  delayMs: number,
): void {
  const facts = {
    maxAttempts,
    error: `${error.type}: ${error.message}`,
    ...(end === null ? { delayMs } : { reason: end }),
    ...(expected ? {} : { stack: error.stack }),
  };
  const message =
    end === null ? "An attempt failed; another follows" : "An attempt failed, and its task with it";
  if (expected) log.info(message, facts);
  else log.warn(message, facts);
}

function withReason(error: TaskError, end: string): TaskError {
  return { ...error, message: `${error.message} No attempt follows: ${end}.` };
}
