/**
 * Messages of a child about its attempts are validated like any input from outside: a task's own
 * code runs there.
 */
import { FatalError } from "../../../errors.ts";
import { INPUT_LIMITS, type Json, type JsonLimits, OUTPUT_LIMITS, readJson } from "../../../lib/json/json.ts";
import { ERROR_DATA_LIMITS } from "../../../task/definition/declared-errors.ts";
import type { TaskError, TaskErrorCause } from "../../../task/records/task.ts";
import type { Failure, RunEnd } from "../../attempt/failure.ts";
import { storableError } from "../../attempt/task-error.ts";
import type { ChildMessage } from "../wire/protocol.ts";

/**
 * Returns how a run ended, as the child reports it.
 *
 * @throws FatalError for a message that no child of this build sends
 */
export function readRunEnd(message: Extract<ChildMessage, { type: "succeeded" | "failed" }>): RunEnd {
  return message.type === "succeeded" ? readOutput(message.output) : readFailure(message.failure);
}

function readOutput(text: string): RunEnd {
  const read = readText(text, OUTPUT_LIMITS);
  if ("value" in read) return { kind: "returned", output: read.value };
  throw invalid(`an output that cannot be stored: it ${read.problem}`);
}

function readFailure(text: string): Failure {
  const raw = parse(text);
  if (!isObject(raw)) throw invalid("an invalid failure");
  const { kind, delayMs, closesPartition, expected } = raw;
  if (kind === "snoozed" && isDelay(delayMs))
    return { kind: "snoozed", delayMs, closesPartition: closesPartition === true };
  const error = readError(raw["error"]);
  if (error === null) throw invalid("an invalid failure");
  const newInput = readNewInput(raw["newInput"]);
  if (newInput === undefined) throw invalid("an input that cannot be stored");
  return {
    kind: kind === "retry" ? "retry" : "failed",
    error,
    expected: expected === true,
    delayMs: isDelay(delayMs) ? delayMs : null,
    newInput,
  };
}

function invalid(what: string): FatalError {
  return new FatalError(`The child sent ${what}.`);
}

function readNewInput(raw: Json | undefined): readonly [Json] | null | undefined {
  if (raw === null || raw === undefined) return null;
  if (!Array.isArray(raw) || raw.length !== 1) return undefined;
  const read = readText(JSON.stringify(raw[0]), INPUT_LIMITS);
  return "value" in read ? [read.value] : undefined;
}

function readError(raw: Json | undefined): TaskError | null {
  if (!isObject(raw)) return null;
  const { type, message, stack, retryable, causes, detail } = raw;
  if (typeof type !== "string" || typeof message !== "string") return null;
  return storableError({
    type,
    message,
    causes: Array.isArray(causes) ? (causes as readonly Json[]).filter(isCause) : [],
    stack: typeof stack === "string" ? stack : null,
    retryable: retryable === true,
    ...readDetail(detail),
  });
}

/** Data beyond the limits are left out: the error itself is known. */
function readDetail(raw: Json | undefined): Pick<TaskError, "detail"> {
  if (!isObject(raw) || typeof raw["name"] !== "string") return {};
  const read = readText(JSON.stringify(raw["data"]), ERROR_DATA_LIMITS);
  return "value" in read ? { detail: { name: raw["name"], data: read.value } } : {};
}

function isCause(raw: Json): raw is Json & TaskErrorCause {
  return isObject(raw) && typeof raw["type"] === "string" && typeof raw["message"] === "string";
}

function isDelay(raw: Json | undefined): raw is number {
  return typeof raw === "number" && raw >= 0;
}

function isObject(raw: Json | undefined): raw is { readonly [key: string]: Json } {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

function readText(text: string, limits: JsonLimits): { readonly value: Json } | { readonly problem: string } {
  const value = parse(text);
  if (value === undefined) return { problem: "is not JSON" };
  const read = readJson(value, limits);
  return "problem" in read ? { problem: read.problem.message } : { value: read.value };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
