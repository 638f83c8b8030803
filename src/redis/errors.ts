import { toError, UnavailableError } from "../errors.ts";

/**
 * Replies by which Redis refuses what a command brought with it: somebody else's key has our name. Every other reply is about the server, its
 * role or the user's rights, which may be mended: so it is an outage, and replies of future versions are, too.
 */
const REFUSALS = new Set(["WRONGTYPE"]);
/** How Redis 6 passes on what a command in a script was answered. */
const IN_SCRIPT = /^ERR Error running script.*?[ :]-([A-Z]+) /;
const DENIED_IN_SCRIPT = /^ERR The user executing the script can't run this command/;

/** First word of a Redis error reply, e.g. `"NOGROUP"`, also of one inside a script; null for any other error. */
export function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  const inScript = IN_SCRIPT.exec(error.message)?.[1];
  if (inScript !== undefined) return inScript;
  if (DENIED_IN_SCRIPT.test(error.message)) return "NOPERM";
  return /^[A-Z]+/.exec(error.message)?.[0] ?? null;
}

/** A missing stream or consumer group: both are simply made again. */
export function isMissingGroup(error: unknown): boolean {
  const code = replyCode(error);
  return code === "NOGROUP" || code === "UNBLOCKED";
}

/** A reply that says that we may not come in. */
export function isRefusal(error: unknown): boolean {
  const code = replyCode(error);
  return code === "WRONGPASS" || code === "NOAUTH" || code === "NOPERM";
}

/** What callers of an adapter get: UnavailableError where waiting may help, else the reply itself. */
export function redisFailure(error: unknown): Error {
  if (error instanceof UnavailableError) return error;
  const code = replyCode(error);
  const cause = plainError(error);
  if (code !== null && REFUSALS.has(code)) return cause;
  if (code === null) return new UnavailableError("broker", { cause });
  const hint = `Redis answered: ${cause.message}. \`lovage doctor\` looks at what Lovage needs there.`;
  return new UnavailableError("broker", { cause, answered: true, reason: "SERVER_ERROR", hint });
}

/** The error without the command that failed: ioredis hangs its arguments on it, and those of AUTH are a password. */
export function plainError(error: unknown): Error {
  const thrown = toError(error);
  const { code } = thrown as { readonly code?: unknown };
  const message = plainWords(thrown.message) || (typeof code === "string" ? code : thrown.name);
  const plain = new Error(message);
  if (typeof code === "string") Object.assign(plain, { code });
  if (thrown.stack) plain.stack = thrown.stack;
  return plain;
}

/** What ioredis says of commands that were on their way when a connection ended: it tells nothing of the reason. */
export function isAftermath(error: Error): boolean {
  return /^(?:Reached the max retries per request|Stream isn't writeable|Connection is closed)/.test(
    error.message,
  );
}

/** What ioredis says in terms of its settings, in terms of what happened. */
function plainWords(message: string): string {
  if (message.startsWith("Reached the max retries per request"))
    return "The connection was lost before the answer came.";
  if (message.startsWith("Stream isn't writeable")) return "There is no connection at present.";
  return message;
}
