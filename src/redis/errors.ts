import { UnavailableError } from "../errors.ts";
import { toError } from "../lib/thrown.ts";

/**
 * Reply codes that mean the command itself is at fault: a foreign key has our name. Every other
 * reply is about the server, its role or the user's rights. An operator can mend those, so they
 * count as an outage, and so do the replies of future versions.
 */
const REFUSALS = new Set(["WRONGTYPE"]);
/** How Redis 6 wraps the reply to a command inside a script. */
const IN_SCRIPT = /^ERR Error running script.*?[ :]-([A-Z]+) /;
const DENIED_IN_SCRIPT = /^ERR The user executing the script can't run this command/;

/**
 * Returns the code of a Redis error reply, such as `"NOGROUP"`, also of one inside a script; null
 * for other errors.
 */
export function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  const inScript = IN_SCRIPT.exec(error.message)?.[1];
  if (inScript !== undefined) return inScript;
  if (DENIED_IN_SCRIPT.test(error.message)) return "NOPERM";
  return /^[A-Z]+/.exec(error.message)?.[0] ?? null;
}

/** Whether a stream or consumer group is missing. Both can be created again. */
export function isMissingGroup(error: unknown): boolean {
  const code = replyCode(error);
  return code === "NOGROUP" || code === "UNBLOCKED";
}

/** Whether a reply means that the credentials are wrong or the user lacks a right. */
export function isAccessDenied(error: unknown): boolean {
  const code = replyCode(error);
  return code === "WRONGPASS" || code === "NOAUTH" || code === "NOPERM";
}

/**
 * Returns the error that an adapter throws: UnavailableError when a retry may succeed, otherwise
 * the reply itself.
 */
export function redisFailure(error: unknown): Error {
  if (error instanceof UnavailableError) return error;
  const code = replyCode(error);
  const cause = plainError(error);
  if (code !== null && REFUSALS.has(code)) return cause;
  if (code === null) return new UnavailableError("broker", { cause });
  const hint = `Redis answered: ${cause.message}. \`lovage doctor\` checks what Lovage needs there.`;
  return new UnavailableError("broker", { cause, answered: true, reason: "SERVER_ERROR", hint });
}

/**
 * Returns the error without its command. ioredis attaches the command's arguments, and those of
 * AUTH are a password.
 */
export function plainError(error: unknown): Error {
  const thrown = toError(error);
  const { code } = thrown as { readonly code?: unknown };
  const message = plainMessage(thrown.message) || (typeof code === "string" ? code : thrown.name);
  const plain = new Error(message);
  if (typeof code === "string") Object.assign(plain, { code });
  if (thrown.stack) plain.stack = thrown.stack;
  return plain;
}

/** Whether ioredis only reports that a connection ended, and not why. */
export function isAftermath(error: Error): boolean {
  return /^(?:Reached the max retries per request|Stream isn't writeable|Connection is closed)/.test(
    error.message,
  );
}

/** Translates messages about ioredis' settings into what happened. */
function plainMessage(message: string): string {
  if (message.startsWith("Reached the max retries per request"))
    return "The connection was lost before the reply arrived.";
  if (message.startsWith("Stream isn't writeable")) return "Redis is not connected.";
  return message;
}
