import { toError } from "../errors.ts";
import type { LogFields } from "../lib/log.ts";
import { hideValues, type Secrets } from "../task/sensitive.ts";
import type { TaskError } from "../task/task.ts";
import { fingerprintOf } from "./fingerprint.ts";

const MAX_TYPE = 128;
const MAX_MESSAGE = 8 * 1024;
const MAX_CAUSE_MESSAGE = 1024;
const MAX_STACK = 16 * 1024;
/** Also the end of a chain that leads back to itself. */
const MAX_CAUSES = 4;
const UNREADABLE = "Something was thrown that cannot be described.";

/** What is kept of a thrown value. */
export function describeError(thrown: unknown, retryable: boolean): TaskError {
  try {
    const error = toError(thrown);
    const trace = typeof error.stack === "string" ? error.stack : null;
    const stack = trace === null ? null : withCauses(error);
    const causes = causesOf(error).map(({ name, message }) => ({
      type: textOf(name),
      message: textOf(message),
    }));
    const type = textOf(error.name || error.constructor.name);
    return storableError({ type, message: textOf(error.message), stack, causes, retryable });
  } catch {
    // Anything can be thrown: an object that JSON cannot hold, an error whose message is a getter that throws.
    return { type: "Error", message: UNREADABLE, stack: null, retryable, fingerprint: "Error" };
  }
}

/** An error in a form that PostgreSQL can store, with its fingerprint. */
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
  };
}

/**
 * An error in which none of the values can be read: it may quote what it complains of. The fingerprint is made anew: it tells nothing of the values
 * then, and failures that differ only in them are equal.
 */
export function errorWithout(secrets: Secrets, error: TaskError): TaskError {
  if (Object.keys(secrets).length === 0) return error;
  const hide = (text: string): string => hideValues(text, secrets);
  const causes = error.causes?.map(({ type, message }) => ({ type, message: hide(message) }));
  return storableError({
    ...error,
    message: hide(error.message),
    stack: error.stack === null ? null : hide(error.stack),
    ...(causes ? { causes } : {}),
  });
}

/** What a log is told of something thrown by code that knows these values. */
export function logFieldsOf(thrown: unknown, secrets: Secrets): LogFields {
  const { type, message, stack } = errorWithout(secrets, describeError(thrown, false));
  return { error: `${type}: ${message}`, stack };
}

function withCauses(error: Error): string {
  const causes = causesOf(error).map((cause) => `Caused by: ${cause.stack ?? String(cause)}`);
  return [error.stack ?? String(error), ...causes].join("\n");
}

function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  for (let { cause } = error; cause instanceof Error && causes.length < MAX_CAUSES; cause = cause.cause) {
    causes.push(cause);
  }
  return causes;
}

/** Whatever a thrown object calls its name or message: the types promise a text, the author need not keep it. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
}

/** Text that PostgreSQL can store, cut to a length. */
function storable(text: string, max: number): string {
  const clean = text.replaceAll("\u0000", "\uFFFD").toWellFormed();
  return clean.length <= max ? clean : `${clean.slice(0, max - 1)}…`;
}
