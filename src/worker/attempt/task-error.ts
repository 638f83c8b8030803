import type { LogFields } from "../../lib/log/log.ts";
import { errorsOf, isError, messageOf, nameOf, readProperty, toError, valueText } from "../../lib/thrown.ts";
import { hideIn, hiderOf, hidesAnything } from "../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";
import type { TaskError, TaskErrorCause } from "../../task/records/task.ts";
import { fingerprintOf } from "./fingerprint.ts";

const MAX_TYPE = 128;
const MAX_MESSAGE = 8 * 1024;
const MAX_CAUSE_MESSAGE = 1024;
const MAX_STACK = 16 * 1024;
/** It also ends a chain of causes that contains a cycle. */
const MAX_CAUSES = 4;

/**
 * Returns the stored form of a thrown value: its type, message, stack and causes, as far as they
 * can be read. Never throws.
 *
 * @param secrets values that it must not show. They are hidden before anything is cut
 */
export function describeError(
  thrown: unknown,
  retryable: boolean,
  ...secrets: readonly Secrets[]
): TaskError {
  const error = toError(thrown);
  const causes = isError(thrown) ? causesOf(error) : [];
  const described = {
    type: nameOf(error),
    message: messageOf(error),
    stack: stackOf(error, causes),
    causes: causes.map(describeCause),
    retryable,
  };
  return hidesAnything(secrets) ? hiddenError(described, secrets) : storableError(described);
}

/** Returns an error that PostgreSQL can store, with its fingerprint. */
export function storableError(error: Omit<TaskError, "fingerprint">): TaskError {
  const type = storable(error.type, MAX_TYPE);
  const message = storable(error.message, MAX_MESSAGE);
  const stack = error.stack === null ? null : storable(error.stack, MAX_STACK);
  const causes = (error.causes ?? []).slice(0, MAX_CAUSES).map((cause) => ({
    type: storable(cause.type, MAX_TYPE),
    message: storable(cause.message, MAX_CAUSE_MESSAGE),
  }));
  const fingerprint = fingerprintOf(type, message, stack);
  return {
    type,
    message,
    stack,
    ...(causes.length > 0 ? { causes } : {}),
    retryable: error.retryable,
    fingerprint,
    ...(error.detail ? { detail: error.detail } : {}),
  };
}

/**
 * Returns an error without the sensitive values, which its message may quote. Its fingerprint does
 * not depend on them, so failures that differ only in these values are equal.
 */
export function errorWithout(error: TaskError, ...secrets: readonly Secrets[]): TaskError {
  return hidesAnything(secrets) ? hiddenError(error, secrets) : error;
}

/** Returns log fields of a thrown value, without the sensitive values. */
export function logFieldsOf(thrown: unknown, ...secrets: readonly Secrets[]): LogFields {
  const { type, message, stack } = describeError(thrown, false, ...secrets);
  return { error: `${type}: ${message}`, stack };
}

function hiddenError(error: Omit<TaskError, "fingerprint">, secrets: readonly Secrets[]): TaskError {
  const hide = hiderOf(...secrets);
  return storableError({
    type: hide(error.type),
    message: hide(error.message),
    stack: error.stack === null ? null : hide(error.stack),
    causes: (error.causes ?? []).map(({ type, message }) => ({ type: hide(type), message: hide(message) })),
    retryable: error.retryable,
    ...(error.detail ? { detail: { ...error.detail, data: hideIn(error.detail.data, ...secrets) } } : {}),
  });
}

/**
 * Returns causes, the nearest first: the cause of an error, its aggregated errors, then the causes
 * of these.
 */
function causesOf(error: Error): unknown[] {
  const found: unknown[] = [error];
  for (let at = 0; at < found.length && found.length <= MAX_CAUSES; at += 1) {
    const cause = readProperty(found[at], "cause");
    if (cause !== undefined && cause !== null) found.push(cause);
    found.push(...errorsOf(found[at]));
  }
  return found.slice(1, MAX_CAUSES + 1);
}

function describeCause(cause: unknown): TaskErrorCause {
  if (isError(cause)) return { type: nameOf(cause), message: messageOf(cause) };
  return { type: typeof cause === "object" ? "Object" : typeof cause, message: valueText(cause) };
}

function stackOf(error: Error, causes: readonly unknown[]): string | null {
  const own = readProperty(error, "stack");
  if (typeof own !== "string") return null;
  return [own, ...causes.map((cause) => `Caused by: ${stackText(cause)}`)].join("\n");
}

function stackText(cause: unknown): string {
  const stack = readProperty(cause, "stack");
  if (isError(cause) && typeof stack === "string") return stack;
  const { type, message } = describeCause(cause);
  return `${type}: ${message}`;
}

/** Returns a string that PostgreSQL can store, cut to a length. */
function storable(text: string, max: number): string {
  const clean = text.replaceAll("\u0000", "\uFFFD").toWellFormed();
  return clean.length <= max ? clean : `${clean.slice(0, max - 1)}…`;
}
