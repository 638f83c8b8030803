import { describeIssue, FatalError, type Issue } from "../../errors.ts";
import type { Json } from "../../lib/json/json.ts";
import { checkInput, readArgs } from "../../task/definition/validation.ts";
import {
  checkErrorData,
  type DeclaredError,
  readDeclaredError,
} from "../../task/definition/declared-errors.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { TaskError } from "../../task/records/task.ts";
import { type Control, readControl } from "../../task/retry/control-errors.ts";
import { type ErrorMatch, matchesError } from "../../task/retry/error-match.ts";
import { customDelay } from "../../task/retry/retry.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { hideIn } from "../../task/sensitive/hide-values.ts";
import { type Secrets, splitSecrets } from "../../task/sensitive/sensitive.ts";
import type { RunContext } from "./run-context.ts";
import { describeError, logFieldsOf } from "./task-error.ts";

/** How the run of an attempt ended: it returned an output, or it failed. */
export type RunEnd = { readonly kind: "returned"; readonly output: Json } | Failure;

/**
 * What a run ended with that returned no output, as plain data. It is made where the error was
 * thrown: neither error classes, nor the definition's functions, nor values that such a function
 * may read, leave a child process.
 */
export type Failure =
  | {
      /** `retry`: the code threw `RetryTask`. */
      readonly kind: "failed" | "retry";
      readonly error: TaskError;
      /** The definition lists it in `expectedErrors`. */
      readonly expected: boolean;
      /** Pause before the next attempt, in milliseconds; null for the one of the retry policy. */
      readonly delayMs: number | null;
      /** The task's new input as the only element. */
      readonly newInput: readonly [Json] | null;
    }
  /**
   * The code asked to run later; nothing has failed. `closesPartition`: nor may other tasks of its
   * definition start.
   */
  | { readonly kind: "snoozed"; readonly delayMs: number; readonly closesPartition: boolean };

/** The attempt whose code threw. */
type Failed = Pick<RunContext, "attempt" | "workerLog" | "secrets">;

/** The input or output does not fit the definition. No retry can mend that. */
export class MisfitError extends FatalError {
  override readonly name = "MisfitError";
}

/** Returns the failure that follows from a value that a task's code threw. Never throws. */
export async function failureOf(
  definition: AnyTaskDefinition,
  attempt: Failed,
  thrown: unknown,
): Promise<Failure> {
  const declared = readDeclaredError(thrown);
  if (declared) return declaredFailure(definition, attempt, declared);
  const control = readControl(thrown);
  if (control === null) return plainFailure(definition, attempt, thrown);
  if (control.kind === "snooze") return { ...control, kind: "snoozed" };
  const newInput = await readNewInput(definition, control);
  if (newInput instanceof MisfitError) return plainFailure(definition, attempt, newInput);
  return {
    kind: "retry",
    error: describeError(thrown, true, attempt.secrets, secretsOf(definition, newInput)),
    expected: true,
    delayMs: control.delayMs ?? ownDelay(definition, attempt, thrown),
    newInput,
  };
}

/**
 * Returns the failure of an error that is not a control error, such as an exceeded time limit.
 * Never throws.
 */
export function plainFailure(definition: AnyTaskDefinition, attempt: Failed, thrown: unknown): Failure {
  const { on, notOn } = definition.retry;
  const matches = (key: string, match: ErrorMatch | null, otherwise: boolean): boolean =>
    match ? callOwn(key, attempt, () => matchesError(match, thrown), otherwise) : otherwise;
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

/** Returns the failure of a declared error, with its data; that of a misfit for data that do not fit. */
async function declaredFailure(
  definition: AnyTaskDefinition,
  attempt: Failed,
  declared: DeclaredError,
): Promise<Failure> {
  const checked = await checkData(definition, declared);
  if (checked instanceof MisfitError) return plainFailure(definition, attempt, checked);
  const failure = plainFailure(definition, attempt, declared);
  if (failure.kind === "snoozed") return failure;
  const detail = { name: declared.name, data: hideIn(checked.data, attempt.secrets) };
  return { ...failure, expected: true, error: { ...failure.error, detail } };
}

async function checkData(
  definition: AnyTaskDefinition,
  declared: DeclaredError,
): Promise<{ readonly data: Json } | MisfitError> {
  try {
    const checked = await checkErrorData(definition, declared);
    return "data" in checked ? checked : new MisfitError(checked.problem, { cause: declared });
  } catch (cause) {
    return new MisfitError(`The data of the error ${declared.name} could not be checked.`, { cause });
  }
}

/** Returns the sensitive values of the input that an attempt passes to the next one. */
export function secretsOf({ sensitive }: AnyTaskDefinition, newInput: readonly [Json] | null): Secrets {
  return (newInput && splitSecrets(newInput[0], sensitive)?.secrets) ?? {};
}

/** Compares the name too: a task file may have loaded its own copy of this package. */
function isFatal(thrown: unknown): boolean {
  try {
    if (readDeclaredError(thrown)?.retryable === false) return true;
    return thrown instanceof FatalError || (thrown instanceof Error && thrown.name === "FatalError");
  } catch {
    // The check itself may throw: the value may be a proxy or have a getter. The attempt must still
    // end, or it would keep its slot forever.
    return false;
  }
}

function ownDelay({ retry }: AnyTaskDefinition, attempt: Failed, thrown: unknown): number | null {
  return callOwn("retry.backoff", attempt, () => customDelay(retry, attempt.attempt, thrown), null);
}

/** Calls a function of the definition. An error in it must not decide what follows for the task. */
function callOwn<Value>(
  key: string,
  { workerLog, secrets }: Omit<Failed, "attempt">,
  call: () => Value,
  otherwise: Value,
): Value {
  try {
    return call();
  } catch (error) {
    workerLog.warn(
      `The function ${key} of a task definition failed; its default was used`,
      logFieldsOf(error, secrets),
    );
    return otherwise;
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
  const secrets = secretsOf(definition, args && [args.input]);
  const found = issues
    .slice(0, 5)
    .map((issue) => describeIssue(hideInIssue(issue, [], secrets, definition.sensitive)));
  return new MisfitError(`The input of RetryTask does not fit the definition: ${found.join("; ")}`);
}
