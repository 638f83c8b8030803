import { TaskCancelled, TimeLimitExceeded, WorkerStopping } from "../../errors.ts";
import type { Json } from "../../lib/json.ts";
import type { Outcome } from "../../store/tasks/task-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { type Keep, keepMsFor } from "../../task/records/results.ts";
import { retryDelay } from "../../task/retry/retry.ts";
import { splitSecrets } from "../../task/sensitive/sensitive.ts";
import type { FinalState } from "../../task/records/state.ts";
import type { TaskError } from "../../task/records/task.ts";
import { type Failure, plainFailure } from "./failure.ts";
import { errorWithout } from "./task-error.ts";
import type { RunContext } from "./run-context.ts";
import type { Settled } from "./runner.ts";

/** What is recorded of an attempt. Tells the worker's log of those that failed. */
export function classify(
  definition: AnyTaskDefinition,
  context: RunContext,
  settled: Settled,
  keep: Keep,
): Outcome {
  const overdue = context.abortReason instanceof TimeLimitExceeded;
  if (settled.ok && !overdue) return successOf(definition, context, settled.output, keep);
  const ending = endingOf(definition, context, settled, overdue);
  return { ...baseOf(context), ...ending, keepMs: keepMsOf(definition, keep, ending.kind) } as Outcome;
}

/** What is recorded of an attempt that succeeded. */
export function successOf(
  definition: AnyTaskDefinition,
  context: RunContext,
  output: Json,
  keep: Keep,
): Outcome {
  return {
    ...baseOf(context),
    kind: "succeeded",
    output: context.task.options?.ignoreResult ? null : output,
    keepMs: keepMsOf(definition, keep, "succeeded"),
  };
}

function baseOf({ task: { summary }, latestProgress }: RunContext): Base {
  const { id, workerId, version } = summary;
  return { taskId: id, workerId, version, progress: latestProgress };
}

/** What every outcome of an attempt holds, however it ended. */
type Base = Pick<Outcome, "taskId" | "workerId" | "version" | "progress">;
/** The rest of one, before it is known how long its task is kept. */
type Ending = Outcome extends infer One
  ? One extends Outcome
    ? Omit<One, keyof Base | "keepMs">
    : never
  : never;

function endingOf(
  definition: AnyTaskDefinition,
  context: RunContext,
  settled: Settled,
  overdue: boolean,
): Ending {
  const { abortReason } = context;
  if (abortReason instanceof TaskCancelled) return { kind: "revoked" };
  const failure = withoutSecrets(
    overdue ? plainFailure(definition, context, abortReason) : readFailure(definition, context, settled),
    definition,
    context,
  );
  if (failure.kind === "snoozed") return failure;
  // What was asked for by name holds; anything else may have come of the abort itself.
  if (abortReason instanceof WorkerStopping && failure.kind !== "retry") return { kind: "givenBack" };
  const delayMs = failure.delayMs ?? retryDelay(definition.retry, context.attempt);
  const end = failure.error.retryable ? endOf(definition, context, delayMs) : "the error is fatal";
  tell(context, failure, end, delayMs);
  if (end === null) return { kind: "retry", error: failure.error, delayMs, newInput: failure.newInput };
  return {
    kind: "failed",
    error: failure.kind === "retry" ? withReason(failure.error, end) : failure.error,
  };
}

const ENDS_AS = {
  succeeded: "SUCCESS",
  failed: "FAILURE",
  revoked: "REVOKED",
  // Someone may have asked to cancel it: it ends so, or not at all.
  retry: "REVOKED",
  snoozed: "REVOKED",
  givenBack: "REVOKED",
} as const satisfies Record<Outcome["kind"], FinalState>;

/** How long a task is kept that ends with an outcome, in milliseconds. */
function keepMsOf({ results }: AnyTaskDefinition, keep: Keep, kind: Outcome["kind"]): number {
  return results.keepMs?.[ENDS_AS[kind]] ?? keepMsFor(keep, ENDS_AS[kind]);
}

/**
 * Neither the values of its input that must not be shown, nor those of the input that it gives its next attempt. What fails here is described
 * without them; a child may be of another build, or its code may have written to the channel.
 */
function withoutSecrets(
  failure: Failure,
  { sensitive }: AnyTaskDefinition,
  { secrets }: RunContext,
): Failure {
  if (failure.kind === "snoozed") return failure;
  const { error, newInput } = failure;
  const next = newInput ? splitSecrets(newInput[0], sensitive)?.secrets : undefined;
  return { ...failure, error: errorWithout(error, secrets, next ?? {}) };
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
  { workerLog, maxAttempts }: RunContext,
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
  if (expected) workerLog.info(message, facts);
  else workerLog.warn(message, facts);
}

function withReason(error: TaskError, end: string): TaskError {
  return { ...error, message: `${error.message} No attempt follows: ${end}.` };
}
