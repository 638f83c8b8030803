import { TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../../errors.ts";
import type { Json } from "../../lib/json/json.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { type Keep, keepMsFor } from "../../task/records/results.ts";
import type { FinalState } from "../../task/records/state.ts";
import type { TaskError } from "../../task/records/task.ts";
import { retryDelay } from "../../task/retry/retry.ts";
import { type Failure, plainFailure, type RunEnd, secretsOf } from "./failure.ts";
import type { RunContext } from "./run-context.ts";
import { errorWithout } from "./task-error.ts";

/** A failure other than a snooze. */
type AttemptFailure = Exclude<Failure, { kind: "snoozed" }>;

/**
 * Returns the outcome to record of an attempt. Logs a failed attempt.
 *
 * @param end null when the code did not end after the abort, and is no longer waited for
 */
export function outcomeOf(
  definition: AnyTaskDefinition,
  context: RunContext,
  end: RunEnd | null,
  keep: Keep,
): Outcome {
  const { reason } = context.abort;
  const isOverdue = reason instanceof TimeLimitExceeded;
  if (end?.kind === "returned" && !isOverdue) return successOf(definition, context, end.output, keep);
  const outcome = <Kind extends Outcome["kind"]>(kind: Kind) => baseOf(definition, context, kind, keep);
  if (reason instanceof TaskCancelled) return outcome("revoked");
  const failure =
    !end || end.kind === "returned" || isOverdue ? plainFailure(definition, context, reason) : end;
  if (failure.kind === "snoozed") return { ...outcome("snoozed"), ...failure };
  // RetryTask and SnoozeTask are explicit requests; any other error may be a result of the abort.
  if (reason instanceof WorkerStopping && failure.kind !== "retry") return outcome("givenBack");
  return failedOrRetry(definition, context, withoutSecrets(failure, definition, context), outcome);
}

/** Returns the outcome of an attempt that succeeded. */
export function successOf(
  definition: AnyTaskDefinition,
  context: RunContext,
  output: Json,
  keep: Keep,
): Outcome {
  const stored = context.task.options?.ignoreResult ? null : output;
  return { ...baseOf(definition, context, "succeeded", keep), output: stored };
}

function failedOrRetry(
  definition: AnyTaskDefinition,
  context: RunContext,
  { kind, error, expected, delayMs: ownDelayMs, newInput }: AttemptFailure,
  outcome: <Kind extends Outcome["kind"]>(kind: Kind) => ReturnType<typeof baseOf<Kind>>,
): Outcome {
  const delayMs = ownDelayMs ?? retryDelay(definition.retry, context.attempt);
  const end = error.retryable ? endOfRetries(definition, context, delayMs) : "the error is fatal";
  logFailure(context, error, expected, end === null ? { delayMs } : { reason: end });
  if (end === null) return { ...outcome("retry"), error, delayMs, newInput };
  return { ...outcome("failed"), error: kind === "retry" ? withReason(error, end) : error };
}

/** The columns that every outcome has. */
function baseOf<Kind extends Outcome["kind"]>(
  { results }: AnyTaskDefinition,
  { task: { summary }, reportsIfAny: reports }: RunContext,
  kind: Kind,
  keep: Keep,
) {
  return {
    kind,
    taskId: summary.id,
    workerId: summary.workerId,
    version: summary.version,
    progress: reports ? reports.latest : null,
    keepMs: results.keepMs?.[FINAL_STATE[kind]] ?? keepMsFor(keep, FINAL_STATE[kind]),
  };
}

const FINAL_STATE = {
  succeeded: "SUCCESS",
  failed: "FAILURE",
  revoked: "REVOKED",
  // The task ends with these only if someone has asked to cancel it.
  retry: "REVOKED",
  snoozed: "REVOKED",
  givenBack: "REVOKED",
} as const satisfies Record<Outcome["kind"], FinalState>;

/**
 * Hides the sensitive values of this input and of the next one. Errors described here contain none;
 * a child may be of another build, or its code may have written to the channel.
 */
function withoutSecrets(
  failure: AttemptFailure,
  definition: AnyTaskDefinition,
  { secrets }: RunContext,
): AttemptFailure {
  const { error, newInput } = failure;
  return { ...failure, error: errorWithout(error, secrets, secretsOf(definition, newInput)) };
}

/** Why no attempt follows this one; null when one does. */
function endOfRetries({ retry }: AnyTaskDefinition, context: RunContext, delayMs: number): string | null {
  const { attempt, maxAttempts } = context;
  if (attempt >= maxAttempts) return `attempt ${attempt} of ${maxAttempts} was the last`;
  if (retry.forMs === null) return null;
  const { createdAt, task } = context;
  const lastStart = createdAt.getTime() + (task.options?.firstDueMs ?? 0) + retry.forMs;
  return context.now() + delayMs > lastStart ? "the time of retry.for is over" : null;
}

function logFailure(
  { workerLog, maxAttempts }: RunContext,
  error: TaskError,
  expected: boolean,
  next: { readonly delayMs: number } | { readonly reason: string },
): void {
  const fields = {
    maxAttempts,
    error: `${error.type}: ${error.message}`,
    ...next,
    ...(expected ? {} : { stack: error.stack }),
  };
  const message =
    "delayMs" in next ? "An attempt failed; another follows" : "An attempt failed, and its task with it";
  if (expected) workerLog.info(message, fields);
  else workerLog.warn(message, fields);
}

function withReason(error: TaskError, end: string): TaskError {
  return { ...error, message: `${error.message} No attempt follows: ${end}.` };
}
