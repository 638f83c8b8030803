import {
  ConfigError,
  DefinitionError,
  RefusedError,
  StartError,
  TaskFailedError,
  UnavailableError,
  WaitTimeoutError,
} from "../errors.ts";

import { isError, messageOf, nameOf, readProperty, toError } from "../lib/thrown.ts";

/** The exit codes of the process. Those from 64 to 78 follow sysexits.h. */
export const EXIT = {
  ok: 0,
  taskFailed: 1,
  checkFailed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  data: 65,
  unreachable: 69,
  bug: 70,
  output: 74,
  tryLater: 75,
  authRefused: 77,
  config: 78,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Thrown when a command ends with a message and an exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    readonly exitCode: ExitCode,
    readonly code: string,
    message: string,
    /** What to do next. */
    readonly hint: string | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An error as the command line prints it. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  /** One line for each problem. */
  readonly message: string;
  readonly hint: string | null;
}

const URL_FLAGS: Readonly<Record<string, string>> = {
  DATABASE_URL: "--database-url",
  REDIS_URL: "--redis-url",
};

/**
 * A message with the flag of a URL in place of its environment variable, if the user typed the
 * flag.
 */
export function nameFlags(message: string, argv: readonly string[] = process.argv): string {
  return message.replace(/\b(?:DATABASE|REDIS)_URL\b/g, (variable) => {
    const flag = URL_FLAGS[variable]!;
    return argv.some((arg) => arg === flag || arg.startsWith(`${flag}=`)) ? flag : variable;
  });
}

/** Translates an error into what the command line prints. An unknown class of error is a bug. */
export function toFailure(thrown: unknown): Failure {
  const error = toError(thrown);
  if (error instanceof CommandError) return error;
  const known = ofKnownClass(error) ?? ofSystemError(error);
  if (known) return known;
  const hint =
    "This is a bug in Lovage or in a task file. Run the command again with --verbose for the stack trace, and report it.";
  return {
    exitCode: EXIT.bug,
    code: "BUG",
    message: `Unexpected ${nameOf(error)}: ${messageOf(error)}`,
    hint,
  };
}

function ofKnownClass(error: Error): Failure | null {
  if (error instanceof ConfigError) return failure(EXIT.config, error.code, error);
  if (error instanceof DefinitionError) return failure(EXIT.data, error.code, error);
  if (error instanceof StartError) return failure(error.exitCode, error.code, error);
  if (error instanceof UnavailableError)
    return { ...failure(EXIT.unreachable, error.code, error), hint: error.hint };
  if (error instanceof WaitTimeoutError) return failure(EXIT.tryLater, error.code, error);
  if (error instanceof TaskFailedError) return failure(EXIT.taskFailed, error.code, error);
  if (error instanceof RefusedError) {
    return { exitCode: exitCodeOf(error.code), code: error.code, message: error.message, hint: null };
  }
  // Compared by name: only the commands that use the client load it.
  if (nameOf(error) === "ClientError" && "code" in error && "hint" in error) {
    const { code, hint, message } = error as Error & { readonly code: string; readonly hint: string | null };
    return { exitCode: exitCodeOf(code), code, message, hint: CLIENT_HINTS[code] ?? hint };
  }
  return null;
}

/** Remedies for errors of the client that name flags of the command line. */
const CLIENT_HINTS: Readonly<Record<string, string>> = {
  UNREACHABLE: "Start it with `lovage up`, or set --url.",
  UNAUTHENTICATED: "Set LOVAGE_TOKEN or --token to the server's token.",
  NOT_LOVAGE: "Another program may use that port. Correct --url or LOVAGE_URL.",
};

const EXIT_CODES: Readonly<Record<string, ExitCode>> = {
  NOT_FOUND: EXIT.notFound,
  NOT_REGISTERED: EXIT.notFound,
  FORBIDDEN: EXIT.denied,
  UNAUTHENTICATED: EXIT.authRefused,
  UNREACHABLE: EXIT.unreachable,
  CONNECTION_CLOSED: EXIT.unreachable,
  NOT_LOVAGE: EXIT.unreachable,
  SERVICE_UNAVAILABLE: EXIT.unreachable,
  TIMEOUT: EXIT.tryLater,
  RATE_LIMITED: EXIT.tryLater,
  QUEUE_FULL: EXIT.tryLater,
  NO_WORKER_REPLIED: EXIT.tryLater,
  INTERNAL_SERVER_ERROR: EXIT.bug,
  GRAPHQL_VALIDATION_FAILED: EXIT.bug,
  UNKNOWN: EXIT.bug,
};

/** The exit code for an error code of the API; a code that is not listed means invalid input. */
export function exitCodeOf(code: string): ExitCode {
  return EXIT_CODES[code] ?? EXIT.data;
}

/** The failure for errors of the operating system that nothing has wrapped. */
function ofSystemError(error: Error): Failure | null {
  const seen = new Set<unknown>();
  for (let inner: unknown = error; isError(inner) && !seen.has(inner); inner = readProperty(inner, "cause")) {
    seen.add(inner);
    const [code, port] = [readProperty(inner, "code"), readProperty(inner, "port")];
    if (code === "EADDRINUSE") {
      const hint =
        "Stop the process that listens there, or choose another port with --port (0 = any free port).";
      return {
        exitCode: EXIT.unreachable,
        code,
        message: `port ${typeof port === "number" ? port : ""} is in use.`.replace("  ", " "),
        hint,
      };
    }
    if (code === "EACCES" && typeof port === "number") {
      const hint = "Choose a port above 1023 with --port.";
      return {
        exitCode: EXIT.authRefused,
        code,
        message: `this user may not listen on port ${port}.`,
        hint,
      };
    }
  }
  return null;
}

function failure(exitCode: ExitCode, code: string, error: Error): Failure {
  return { exitCode, code, message: error.message, hint: null };
}
