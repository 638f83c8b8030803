import { describeIssue, FatalError, type Issue } from "../../errors.ts";
import type { Json } from "../../lib/json.ts";
import type { Logger } from "../../lib/log.ts";
import { checkInput, readArgs } from "../../task/definition/check-input.ts";
import { type Control, readControl } from "../../task/retry/control-errors.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { type ErrorMatch, matchesError } from "../../task/retry/error-match.ts";
import { customDelay } from "../../task/retry/retry.ts";
import { hideValues } from "../../task/sensitive/hide-values.ts";
import { type Secrets, splitSecrets } from "../../task/sensitive/sensitive.ts";
import type { TaskError } from "../../task/records/task.ts";
import { describeError, logFieldsOf } from "./task-error.ts";

/**
 * What follows from something that was thrown, as plain data. It is told where it was thrown: neither classes nor the definition's functions get
 * out of a child process, nor do values that a function may want to see.
 */
export type Failure =
  | {
      /** `retry`: the code asked for another attempt by name. */
      readonly kind: "failed" | "retry";
      readonly error: TaskError;
      /** The definition calls it expected. */
      readonly expected: boolean;
      /** Pause before the next attempt, in milliseconds; null for what the definition's numbers say. */
      readonly delayMs: number | null;
      /** The task's new input as the only element. */
      readonly newInput: readonly [Json] | null;
    }
  /** Not now: nothing has failed. `closesPartition`: nor any other of the definition. */
  | { readonly kind: "snoozed"; readonly delayMs: number; readonly closesPartition: boolean };

/** The attempt that threw. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly workerLog: Logger;
  /** Values of its input that must not be shown. */
  readonly secrets: Secrets;
}

/** A recorded reason that no retry can mend: the input or output does not fit the definition. */
export class MisfitError extends FatalError {
  override readonly name = "MisfitError";
}

/** What follows from what a task's own code threw. Never throws. */
export async function failureOf(
  definition: AnyTaskDefinition,
  attempt: FailedAttempt,
  thrown: unknown,
): Promise<Failure> {
  const control = readControl(thrown);
  if (control === null) return plainFailure(definition, attempt, thrown);
  if (control.kind === "snooze") return { ...control, kind: "snoozed" };
  const read = await readNewInput(definition, control);
  if (read instanceof MisfitError) return plainFailure(definition, attempt, read);
  return {
    kind: "retry",
    error: describeError(thrown, true, attempt.secrets, nextSecrets(definition, read)),
    expected: true,
    delayMs: control.delayMs ?? ownDelay(definition, attempt, thrown),
    newInput: read,
  };
}

/** The same for an error that asks for nothing by its name, such as a time limit that was passed. Never throws. */
export function plainFailure(
  definition: AnyTaskDefinition,
  attempt: FailedAttempt,
  thrown: unknown,
): Failure {
  const { on, notOn } = definition.retry;
  const matches = (key: string, match: ErrorMatch | null, unless: boolean): boolean =>
    match ? attemptTo(key, attempt, () => matchesError(match, thrown), unless) : unless;
  const retryable =
    !isFatal(thrown) && matches("retry.on", on, true) && !matches("retry.notOn", notOn, false);
  return {
    kind: "failed",
    error: describeError(thrown, retryable, attempt.secrets),
    expected: matches("expectedErrors", definition.expectedErrors, false),
    delayMs: retryable ? ownDelay(definition, attempt, thrown) : null,
    newInput: null,
  };
}

/** By name too: a task file may have loaded its own copy of this package. */
function isFatal(thrown: unknown): boolean {
  try {
    return thrown instanceof FatalError || (thrown instanceof Error && thrown.name === "FatalError");
  } catch {
    // Even to ask may throw: a proxy, a getter. The attempt must end all the same, or it would hold its slot for ever.
    return false;
  }
}

function ownDelay({ retry }: AnyTaskDefinition, attempt: FailedAttempt, thrown: unknown): number | null {
  return attemptTo("retry.backoff", attempt, () => customDelay(retry, attempt.attempt, thrown), null);
}

/** Asks a function of the definition. One that throws must not decide what becomes of the task. */
function attemptTo<Value>(
  key: string,
  { workerLog, secrets }: Omit<FailedAttempt, "attempt">,
  ask: () => Value,
  unless: Value,
): Value {
  try {
    return ask();
  } catch (error) {
    workerLog.warn(
      `The function ${key} of a task definition failed; the default holds`,
      logFieldsOf(error, secrets),
    );
    return unless;
  }
}

/** The input of a RetryTask as it is stored, as the only element; null for none. */
async function readNewInput(
  definition: AnyTaskDefinition,
  { newInput }: Extract<Control, { kind: "retry" }>,
): Promise<readonly [Json] | null | MisfitError> {
  if (newInput === null) return null;
  const issues: Issue[] = [];
  const args = readArgs(newInput[0], [], issues);
  try {
    if (args) await checkInput(definition, args.input, [], issues);
  } catch (error) {
    return new MisfitError("The input of RetryTask could not be checked.", { cause: error });
  }
  if (args && issues.length === 0) return [args.input];
  const found = issues.slice(0, 5).map(describeIssue).join("; ");
  const shown = hideValues(found, nextSecrets(definition, args && [args.input]));
  return new MisfitError(`The input of RetryTask does not fit the definition: ${shown}`);
}

/** What must not be shown of the input that an attempt gives the next one. */
function nextSecrets({ sensitive }: AnyTaskDefinition, newInput: readonly [Json] | null): Secrets {
  return (newInput && splitSecrets(newInput[0], sensitive)?.secrets) ?? {};
}
