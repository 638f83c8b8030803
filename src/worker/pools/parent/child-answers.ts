/** What a child says of its attempts is checked like anything from outside: a task's own code runs there. */
import { FatalError } from "../../../errors.ts";
import { INPUT_LIMITS, type Json, type JsonLimits, OUTPUT_LIMITS, readJson } from "../../../lib/json.ts";
import type { TaskError, TaskErrorCause } from "../../../task/records/task.ts";
import type { Failure } from "../../attempt/failure.ts";
import type { Settled } from "../../attempt/runner.ts";
import { storableError } from "../../attempt/task-error.ts";

export function readOutput(text: string): Settled {
  const read = readText(text, OUTPUT_LIMITS);
  if ("value" in read) return { ok: true, output: read.value };
  return refuse(`an output that cannot be stored: it ${read.problem}`);
}

export function readFailure(text: string): Settled {
  const raw = parse(text);
  if (!isObject(raw)) return refuse("what is no failure");
  if (raw["kind"] === "snoozed" && isDelay(raw["delayMs"]))
    return {
      ok: false,
      failure: { kind: "snoozed", delayMs: raw["delayMs"], closesPartition: raw["closesPartition"] === true },
    };
  const error = readError(raw["error"]);
  if (error === null) return refuse("what is no failure");
  const newInput = readNewInput(raw["newInput"]);
  if (newInput === undefined) return refuse("an input that cannot be stored");
  const failure: Failure = {
    kind: raw["kind"] === "retry" ? "retry" : "failed",
    error,
    expected: raw["expected"] === true,
    delayMs: isDelay(raw["delayMs"]) ? raw["delayMs"] : null,
    newInput,
  };
  return { ok: false, failure };
}

function refuse(what: string): Settled {
  return { ok: false, thrown: new FatalError(`The child sent ${what}.`) };
}

function readNewInput(raw: Json | undefined): readonly [Json] | null | undefined {
  if (raw === null || raw === undefined) return null;
  if (!Array.isArray(raw) || raw.length !== 1) return undefined;
  const read = readText(JSON.stringify(raw[0]), INPUT_LIMITS);
  return "value" in read ? [read.value] : undefined;
}

function readError(raw: Json | undefined): TaskError | null {
  if (!isObject(raw)) return null;
  const { type, message, stack, retryable, causes } = raw;
  if (typeof type !== "string" || typeof message !== "string") return null;
  const listed = Array.isArray(causes) ? (causes as readonly Json[]).filter(isCause) : [];
  return storableError({
    ...{ type, message, causes: listed },
    stack: typeof stack === "string" ? stack : null,
    retryable: retryable === true,
  });
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
