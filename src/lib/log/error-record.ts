import { errorsOf, isError, messageOf, nameOf, readProperty } from "../thrown.ts";

/**
 * Facts about an error that hold no data of users and no secrets. All else is left out: drivers
 * hang whole clients on their errors.
 */
const FACTS = [
  ...["code", "errno", "syscall", "address", "port", "path"],
  ...["severity", "schema", "table", "column", "constraint", "routine"],
  ...["exitCode", "signal", "service"],
];
const MAX_DEPTH = 5;

/** An error as logs show it. */
interface ErrorRecord {
  readonly type: string;
  /** Followed by those of its causes. */
  readonly message: string;
  /** Followed by those of its causes. */
  readonly stack: string;
  /** What an AggregateError stands for. */
  readonly aggregateErrors?: readonly ErrorRecord[];
  readonly [fact: string]: unknown;
}

/** What may be shown of an error, by a list of what is known to be harmless. Never throws. */
export function errorRecord(error: Error): ErrorRecord {
  return recordOf(error, MAX_DEPTH);
}

function recordOf(error: Error, depth: number): ErrorRecord {
  const cause = readProperty(error, "cause");
  const inner = depth > 0 && isError(cause) ? recordOf(cause, depth - 1) : null;
  const parts = depth > 0 ? errorsOf(error).filter(isError) : [];
  const message = messageOf(error);
  const given = readProperty(error, "stack");
  const stack = typeof given === "string" ? given : `${nameOf(error)}: ${message}`;
  return {
    type: nameOf(error),
    message: inner ? `${message}: ${inner.message}` : message,
    stack: inner ? `${stack}\ncaused by: ${inner.stack}` : stack,
    ...factsOf(error),
    ...(parts.length > 0 ? { aggregateErrors: parts.map((part) => recordOf(part, depth - 1)) } : {}),
  };
}

function factsOf(error: Error): Readonly<Record<string, unknown>> {
  const facts = FACTS.map((name) => [name, readProperty(error, name)] as const);
  return Object.fromEntries(facts.filter(([, value]) => /^(?:string|number)$/.test(typeof value)));
}
