import { createHash } from "node:crypto";
import { toError } from "../errors.ts";
import type { TaskError } from "../task/task.ts";

const MAX_MESSAGE = 8 * 1024;
const MAX_STACK = 16 * 1024;
const UNREADABLE = "Something was thrown that cannot be described.";

/** What is kept of a thrown value. */
export function describeError(thrown: unknown, retryable: boolean): TaskError {
  try {
    const error = toError(thrown);
    const type = storable(textOf(error.name || error.constructor.name), 128);
    const message = storable(textOf(error.message), MAX_MESSAGE);
    const trace = typeof error.stack === "string" ? error.stack : null;
    const stack = trace === null ? null : storable(withCauses(error), MAX_STACK);
    return { type, message, stack, retryable, fingerprint: fingerprintOf(type, message, trace) };
  } catch {
    // Anything can be thrown: an object that JSON cannot hold, an error whose message is a getter that throws.
    return { type: "Error", message: UNREADABLE, stack: null, retryable, fingerprint: "Error" };
  }
}

/**
 * Equal for equal failures: the type, the message without what differs from run to run (numbers, ids, quoted values), and the top frame
 * without its folder.
 */
function fingerprintOf(type: string, message: string, stack: string | null): string {
  const normal = message
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "#")
    .replaceAll(/"[^"]*"|'[^']*'/g, "#")
    .replaceAll(/\d+/g, "#")
    .slice(0, 500);
  const frame = stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "";
  const place = frame.replace(/^.*[/\\(]/, "").replace(/\)$/, "");
  return createHash("sha1").update(`${type}\n${normal}\n${place}`).digest("hex").slice(0, 16);
}

function withCauses(error: Error): string {
  const parts = [error.stack ?? String(error)];
  for (let cause = error.cause; cause instanceof Error && parts.length < 5; cause = cause.cause) {
    parts.push(`Caused by: ${cause.stack ?? String(cause)}`);
  }
  return parts.join("\n");
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
