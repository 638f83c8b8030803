/**
 * Every error that a caller can catch: one class per case, each with a stable `code`. The refusal
 * codes are GraphQL's `ErrorCode`. Other codes appear as `extensions.code` of GraphQL errors, as
 * exit codes of the command line, or only in code.
 */

import type { Json } from "./lib/json/json.ts";

/** One mistake in an input: what is wrong, where, and the remedy. */
export interface Issue {
  readonly code: RefusalCode;
  readonly message: string;
  /** Path within the input, for example `["inputs", "3", "args", "to"]`. */
  readonly path: readonly string[];
  readonly hint?: string;
}

export const REFUSAL_CODES = [
  "INVALID_INPUT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "CONFLICT",
  "NOT_REGISTERED",
  "ILLEGAL_STATE",
  "QUEUE_FULL",
  "RATE_LIMITED",
  "FORBIDDEN",
  "NO_WORKER_REPLIED",
  "UNSUPPORTED",
] as const;
/** Reasons of a refusal that the caller can act on. GraphQL calls them `ErrorCode`. */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** How many issues a refusal lists. The rest are counted in `moreIssues`. */
export const MAX_ISSUES = 20;

/** Thrown when a request is refused for a reason that the caller can act on. Nothing was done. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** The first MAX_ISSUES issues. */
  readonly issues: readonly [Issue, ...Issue[]];
  /** Number of issues that are not listed. */
  readonly moreIssues: number;
  /**
   * The first step of the path of every issue, also of those that are not listed. Shows which of
   * several requests were refused.
   */
  readonly heads: ReadonlySet<string>;

  constructor(
    issues: readonly [Issue, ...Issue[]],
    {
      moreIssues = 0,
      heads = new Set(issues.map(({ path }) => path[0] ?? "")),
    }: {
      /** How many were found besides `issues`. */
      readonly moreIssues?: number;
      readonly heads?: ReadonlySet<string>;
    } = {},
  ) {
    const more = moreIssues + Math.max(0, issues.length - MAX_ISSUES);
    super(describeIssues(issues, moreIssues));
    const [first, ...rest] = issues;
    this.issues = [first, ...rest.slice(0, MAX_ISSUES - 1)];
    this.moreIssues = more;
    this.heads = heads;
  }

  get code(): RefusalCode {
    return this.issues[0].code;
  }
}

/**
 * Throws a RefusedError if there is any issue.
 *
 * @param moreIssues how many were found besides `issues`
 */
export function refuseIssues(issues: readonly Issue[], moreIssues = 0): void {
  const [first, ...rest] = issues;
  if (first) throw new RefusedError([first, ...rest], { moreIssues });
}

/**
 * Converts the refusal of an array of one request to that of the request alone: removes the index
 * from the paths. Returns other errors unchanged.
 */
export function refusalOfOne(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [first, ...rest] = error.issues.map((issue) =>
    issue.path[0] === "0" ? { ...issue, path: issue.path.slice(1) } : issue,
  );
  return new RefusedError([first!, ...rest], { moreIssues: error.moreIssues });
}

/** Returns the first MAX_ISSUES issues, one per line, and a line that counts the rest. */
export function describeIssues(issues: readonly Issue[], moreIssues = 0): string {
  const lines = issues.slice(0, MAX_ISSUES).map(describeIssue);
  const more = moreIssues + issues.length - lines.length;
  if (more > 0) lines.push(`${countOf(more)} not shown.`);
  return lines.join("\n");
}

/** Returns `1 more error is` or `7 more errors are`. */
export function countOf(more: number): string {
  return more === 1 ? "1 more error is" : `${more} more errors are`;
}

/** Returns an issue as one line: `args.to: expected an e-mail address, got "x". Send …` */
export function describeIssue(issue: Issue): string {
  const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return `${where}${issue.message}${issue.hint ? ` ${issue.hint}` : ""}`;
}

/** Why a service could not do what a request needed. */
export type UnavailableReason =
  /** The service cannot be reached, or does not answer. */
  | "NO_ANSWER"
  /** The connection broke while a statement ran. The statement may have been executed. */
  | "CONNECTION_LOST"
  /** All connections of the process are in use. Nothing was sent. */
  | "POOL_FULL"
  /**
   * PostgreSQL ended a statement that ran into Lovage's own limit. The statement changed nothing.
   */
  | "STATEMENT_TIMEOUT"
  /**
   * PostgreSQL ended a statement for another reason: a limit of the role, or an administrator. It
   * changed nothing.
   */
  | "STATEMENT_CANCELLED"
  /** PostgreSQL ended a statement that waited too long for a lock. It changed nothing. */
  | "LOCK_TIMEOUT"
  /**
   * PostgreSQL cannot execute the statement now: no space, a missing right, a standby. It changed
   * nothing.
   */
  | "SERVER_ERROR"
  /** The operation of the statement had passed its deadline, or its client had disconnected. */
  | "OPERATION_ENDED";

/**
 * Thrown when a service that a request needs (PostgreSQL, Redis) does not answer, or cannot do it
 * now. `reason` shows whether the request may have been executed. Send the same request again; an
 * enqueue with the same `idempotencyKey` never creates a second task.
 */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  readonly code = "SERVICE_UNAVAILABLE";

  constructor(
    /** `"database"` or `"broker"`. */
    readonly service: string,
    options: ErrorOptions & {
      readonly retryAfterMs?: number;
      readonly answered?: boolean;
      readonly reason?: UnavailableReason;
      /**
       * What happened, what was done, and the remedy.
       * @default a sentence that the service does not answer
       */
      readonly message?: string;
      /** See `hint`. */
      readonly hint?: string | null;
    } = {},
  ) {
    const what = options.answered ? "cannot do this now" : "does not answer";
    super(options.message ?? `The ${service} ${what}: nothing is confirmed. Try again soon.`, options);
    this.retryAfterMs = options.retryAfterMs ?? 2_000;
    this.reason = options.reason ?? "NO_ANSWER";
    this.answered = options.answered ?? false;
    this.hint = options.hint ?? null;
  }
  /**
   * The answer of the service and the remedy, for operators. The command line, `lovage doctor` and
   * `/readyz` show it; callers of the API do not see it.
   */
  readonly hint: string | null;
  readonly reason: UnavailableReason;
  /** How long a caller should wait before it tries again, in milliseconds. */
  readonly retryAfterMs: number;
  /**
   * Whether the service answered this request, so that the request itself may be the reason.
   * `cause` is the answer.
   */
  readonly answered: boolean;
}

/**
 * Thrown by `defineTask` and at the start when a task definition is invalid. Names the task and the
 * option.
 */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly code = "INVALID_DEFINITION";

  constructor(
    message: string,
    /** Files with the mistake, where known. */
    readonly files: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(files.length > 0 ? `${message} (${files.join(", ")})` : message, options);
  }
}

/** Thrown when settings are invalid. Lists every mistake. Exit code 78. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "INVALID_CONFIG";

  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join("\n"), options);
  }
}

/**
 * Thrown when this process cannot start: something that it needs is in use, unreachable, or refuses
 * it.
 */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code = "CANNOT_START";

  constructor(
    message: string,
    /** Exit code of sysexits.h: 69 unreachable, 75 in use, 77 refused, 78 configuration. */
    readonly exitCode: 69 | 75 | 77 | 78,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Thrown by task code: the attempt failed, and a retry would not help. The task becomes FAILURE at
 * once.
 */
export class FatalError extends Error {
  override readonly name: string = "FatalError";
}

/** Recorded when an attempt ran longer than its time limit. */
export class TimeLimitExceeded extends Error {
  override readonly name = "TimeLimitExceeded";

  constructor(readonly limitMs: number) {
    super(`The attempt ran longer than its time limit of ${limitMs} ms.`);
  }
}

/**
 * The reason of `ctx.signal` at the soft time limit. The attempt may still succeed until its time
 * limit ends it. Recorded when the task code throws it.
 */
export class SoftTimeLimitExceeded extends Error {
  override readonly name = "SoftTimeLimitExceeded";

  constructor(readonly limitMs: number) {
    super(`The attempt ran longer than its soft time limit of ${limitMs} ms.`);
  }
}

/** Recorded when the child process or thread of an attempt ended before the attempt did. */
export class ChildDied extends Error {
  override readonly name = "ChildDied";

  constructor(
    readonly child: "child process" | "thread",
    /** Exit code; null when a signal ended the child. */
    readonly exitCode: number | null,
    /** For example `"SIGSEGV"`; null when the child exited. */
    readonly signal: string | null,
    options?: ErrorOptions,
  ) {
    const how = signal === null ? `exited with code ${exitCode}` : `was ended by ${signal}`;
    super(`The ${child} that ran the attempt ${how} before the attempt was done.`, options);
  }
}

/**
 * Recorded when the child process or thread of an attempt was killed because it used more than
 * `maxMemoryPerChild`.
 */
export class MemoryLimitExceeded extends Error {
  override readonly name = "MemoryLimitExceeded";

  constructor(
    readonly child: "child process" | "thread",
    readonly limitBytes: number,
    /** Memory in use when it was measured, in bytes; null when V8 ended the child. */
    readonly heldBytes: number | null,
  ) {
    const [held, limit] = [heldBytes ?? limitBytes, limitBytes].map((bytes) => Math.ceil(bytes / 2 ** 20));
    super(
      `The attempt's ${child} held ${heldBytes === null ? "more than " : ""}${held} MiB; the limit is ${limit} MiB. ` +
        "Let the task hold less at once, or raise maxMemoryPerChild (LOVAGE_MAX_MEMORY_PER_CHILD).",
    );
  }
}

/**
 * Recorded when no child process or thread could be started for an attempt. The task code did not
 * run.
 */
export class ChildStartFailed extends Error {
  override readonly name = "ChildStartFailed";

  constructor(reason: string, options?: ErrorOptions) {
    super(`No child could be started to run the attempt: ${reason}`, options);
  }
}

/**
 * The reason of `ctx.signal` when a running task is cancelled. A task that stops because of it
 * becomes REVOKED.
 */
export class TaskCancelled extends Error {
  override readonly name = "TaskCancelled";

  constructor(
    /** The user who cancelled it; null if unknown. */
    readonly by: string | null = null,
    /** The reason that the user gave; null if none. */
    readonly reason: string | null = null,
  ) {
    super(`The task was cancelled${by === null ? "" : ` by ${by}`}${reason === null ? "." : `: ${reason}`}`);
  }
}

/**
 * The reason of `ctx.signal` when the worker stops before the attempt ends. The task is requeued.
 */
export class WorkerStopping extends Error {
  override readonly name = "WorkerStopping";

  constructor() {
    super("The worker is stopping; the task is requeued.");
  }
}

/**
 * Thrown by `ctx.transaction` when the task was rescued: its worker had been taken for lost.
 * Nothing was written.
 */
export class TaskRescuedError extends Error {
  override readonly name = "TaskRescuedError";

  constructor(taskId: string) {
    super(`Task ${taskId} was rescued from this worker and runs on another one: nothing was written.`);
  }
}

/** How a task ended that did not succeed. */
export interface TaskFailure {
  readonly taskId: string;
  /** FAILURE, REVOKED or EXPIRED. */
  readonly state: string;
  /**
   * The error of the task, restored from its record with name, message, stack and causes. Absent if
   * the task was revoked or expired.
   */
  readonly cause?: Error;
  /** The declared error with which it failed; null if it is another. @default null */
  readonly declared?: DeclaredFailure | null;
}

/** A declared error, with the name of the definition that declares it. */
export interface DeclaredFailure {
  readonly task: string;
  readonly name: string;
  readonly data: Json;
}

/**
 * Thrown by `handle.result()` when the task ended in another state than SUCCESS. `cause` is the
 * error of the task, and `message` is its message.
 */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  readonly code = "TASK_FAILED";
  readonly taskId: string;
  readonly state: string;
  /**
   * Type of the error of the task, for example `"TypeError"`; null if it was revoked or expired.
   */
  readonly type: string | null;
  /** The declared error; null if it is another. `declaredError` returns it with its type. */
  readonly declared: DeclaredFailure | null;
  declare readonly cause?: Error;

  constructor({ taskId, state, cause, declared = null }: TaskFailure) {
    super(cause?.message ?? `The task ended as ${state}.`, cause && { cause });
    this.taskId = taskId;
    this.state = state;
    this.declared = declared;
    this.type = cause?.name ?? null;
  }
}

/** Thrown by `handle.result()` when the task succeeded, but Redis no longer has its output. */
export class ResultGoneError extends Error {
  override readonly name = "ResultGoneError";
  readonly code = "RESULT_GONE";

  constructor(readonly taskId: string) {
    super(`Task ${taskId} succeeded, but its result is gone: Redis, which stored it, has lost it.`);
  }
}

/** Thrown when a wait exceeds the timeout of the caller. The task goes on. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  readonly code = "TIMEOUT";

  constructor(what: string, timeoutMs: number) {
    super(`${what} did not happen within ${timeoutMs} ms.`);
  }
}
