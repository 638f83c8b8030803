import { FatalError } from "../../errors.ts";
import { findJsonProblem, findSizeProblem, type Json, OUTPUT_LIMITS } from "../../lib/json.ts";
import type { RunContext } from "../run-context.ts";
import type { Settled } from "../runner.ts";
import type { ChildMessage, WireError } from "./protocol.ts";

// What a child says is checked like anything from outside: a task's own code runs there.

export function readOutput(text: string): Settled {
  const refuse = (problem: string): Settled => ({
    ok: false,
    thrown: new FatalError(`The child sent an output that cannot be stored: it ${problem}.`),
  });
  const tooLarge = findSizeProblem(text, OUTPUT_LIMITS);
  if (tooLarge) return refuse(tooLarge.message);
  let output: Json;
  try {
    output = JSON.parse(text) as Json;
  } catch {
    return refuse("is not JSON");
  }
  const problem = findJsonProblem(output, OUTPUT_LIMITS);
  return problem ? refuse(problem.message) : { ok: true, output };
}

export function readFailure({ errorType, message, stack, fatal }: WireError): Settled {
  const error = fatal ? new FatalError(message) : new Error(message);
  Object.defineProperty(error, "name", { value: errorType });
  Object.defineProperty(error, "stack", { value: stack ?? undefined });
  return { ok: false, thrown: error };
}

/** Fields of a log record. */
export function readFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function reportProgress(
  context: RunContext,
  { current, total, message }: Extract<ChildMessage, { type: "progress" }>,
): void {
  const finite = [current, total ?? 0].every(Number.isFinite);
  if (finite) context.progress(current, total ?? undefined, message ?? undefined);
}
