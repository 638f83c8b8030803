/**
 * Every error that a caller can meet, one class per case, each with a stable `code`. Codes of the first group are the contract's
 * `ErrorCode`; the others appear as `extensions.code` of GraphQL errors, as exit codes of the command line, or only in code.
 */

import { describeThrown, isError } from "./lib/thrown.ts";

/** One thing that is wrong with an input: what, where, and what to do. */
export interface Issue {
  readonly code: RefusalCode;
  readonly message: string;
  /** Where in the input, e.g. `["inputs", "3", "args", "to"]`. */
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
/** Refusals that a caller can act on; the contract's `ErrorCode`. */
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** How many issues a refusal lists; the others are counted. */
export const MAX_ISSUES = 20;

/** Thrown when a request is refused for reasons the caller can act on. Nothing of the request was done. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** The first MAX_ISSUES of them. */
  readonly issues: readonly [Issue, ...Issue[]];
  /** How many more there are. */
  readonly moreIssues: number;
  /** The first step of each issue's path, of those that are not listed too: which of several requests were refused. */
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

/** A refusal of one request that was sent as a list of one: paths begin within the request. Other errors stay as they are. */
export function refusalOfOne(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [first, ...rest] = error.issues.map((issue) =>
    issue.path[0] === "0" ? { ...issue, path: issue.path.slice(1) } : issue,
  );
  return new RefusedError([first!, ...rest], { moreIssues: error.moreIssues });
}

/** The first MAX_ISSUES issues, each as a line of text, and a line that counts those that are left out. */
export function describeIssues(issues: readonly Issue[], moreIssues = 0): string {
  const lines = issues.slice(0, MAX_ISSUES).map(describeIssue);
  const more = moreIssues + issues.length - lines.length;
  if (more > 0) lines.push(`${countOf(more)} not shown.`);
  return lines.join("\n");
}

/** `1 more error is`, `7 more errors are`. */
export function countOf(more: number): string {
  return more === 1 ? "1 more error is" : `${more} more errors are`;
}

/** One issue as a line of text: `args.to: must be an e-mail address. Send …` */
export function describeIssue(issue: Issue): string {
  const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return `${where}${issue.message}${issue.hint ? ` ${issue.hint}` : ""}`;
}

/** Why a service could not do what a request needed. */
export type UnavailableReason =
  /** It cannot be reached, or does not answer. */
  | "NO_ANSWER"
  /** The connection broke while a statement was under way: it may have been done. */
  | "CONNECTION_LOST"
  /** All connections of the process are in use. Nothing was sent. */
  | "POOL_FULL"
  /** PostgreSQL ended a statement that ran into Lovage's own limit. The statement changed nothing. */
  | "STATEMENT_TIMEOUT"
  /** PostgreSQL ended a statement for another reason: a limit of the role, or an administrator. It changed nothing. */
  | "STATEMENT_CANCELLED"
  /** PostgreSQL ended a statement that waited too long for a lock. It changed nothing. */
  | "LOCK_TIMEOUT"
  /** PostgreSQL answered that it cannot do it for now: no space, no right, a standby. It changed nothing. */
  | "SERVER_ERROR"
  /** The operation that the statement belonged to had passed its deadline, or its client had gone away. */
  | "OPERATION_ENDED";

/**
 * Thrown when a service that a request needs (PostgreSQL, Redis) does not answer, or answers that it cannot do this now. Nothing is
 * confirmed; the same request may be sent again.
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
      /** What happened, what was done of it, and what to do. @default that it does not answer */
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
   * What the service answered and what to do about it, for those who run it: shown by the command line, `lovage doctor` and `/readyz`, and not
   * to callers of the API.
   */
  readonly hint: string | null;
  readonly reason: UnavailableReason;
  /** How long a caller should wait, in milliseconds. */
  readonly retryAfterMs: number;
  /** Whether the service answered this very request, so that something about it alone may be the reason. `cause` is that answer. */
  readonly answered: boolean;
}

/** Thrown by `defineTask` and at start when a task definition cannot be used. Names the task and the path. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly code = "INVALID_DEFINITION";

  constructor(
    message: string,
    /** Files that the mistake is in, where known. */
    readonly files: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(files.length > 0 ? `${message} (${files.join(", ")})` : message, options);
  }
}

/** Thrown when settings cannot be used; lists every mistake at once. Exit code 78. */
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

/** Thrown when this process cannot start because something it needs is taken, away, or refuses it. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly code = "CANNOT_START";

  constructor(
    message: string,
    /** Exit code in the manner of sysexits: 69 unreachable, 75 in use, 77 refused, 78 configuration. */
    readonly exitCode: 69 | 75 | 77 | 78,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by task authors: the attempt failed and no further attempt will help. The task becomes FAILURE at once. */
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
 * The reason of `ctx.signal` at the soft time limit: the attempt may still come to a good end, until its time limit ends it. Recorded when the
 * task's code throws it.
 */
export class SoftTimeLimitExceeded extends Error {
  override readonly name = "SoftTimeLimitExceeded";

  constructor(readonly limitMs: number) {
    super(`The attempt ran longer than its soft time limit of ${limitMs} ms.`);
  }
}

/** Recorded when the child process or thread that ran an attempt ended before it had an outcome: by itself, by a crash, or from outside. */
export class ChildDied extends Error {
  override readonly name = "ChildDied";

  constructor(
    /** What it was. */
    readonly child: "child process" | "thread",
    /** What it exited with; null when a signal ended it. */
    readonly exitCode: number | null,
    /** E.g. `"SIGSEGV"`; null when it exited by itself. */
    readonly signal: string | null,
    options?: ErrorOptions,
  ) {
    const how = signal === null ? `exited with code ${exitCode}` : `was ended by ${signal}`;
    super(`The ${child} that ran the attempt ${how} before the attempt was done.`, options);
  }
}

/** Recorded when the child process or thread that ran an attempt was killed, because it held more than `maxMemoryPerChild`. */
export class MemoryLimitExceeded extends Error {
  override readonly name = "MemoryLimitExceeded";

  constructor(
    readonly child: "child process" | "thread",
    readonly limitBytes: number,
    /** What it held when it was measured; null when V8 ended it. */
    readonly heldBytes: number | null,
  ) {
    const [held, limit] = [heldBytes ?? limitBytes, limitBytes].map((bytes) => Math.ceil(bytes / 2 ** 20));
    super(
      `The attempt's ${child} held ${heldBytes === null ? "more than " : ""}${held} MiB; the limit is ${limit} MiB. ` +
        "Let the task hold less at once, or raise maxMemoryPerChild (LOVAGE_MAX_MEMORY_PER_CHILD).",
    );
  }
}

/** Recorded when no child process or thread could be started to run an attempt. The code did not begin. */
export class ChildStartFailed extends Error {
  override readonly name = "ChildStartFailed";

  constructor(reason: string, options?: ErrorOptions) {
    super(`No child could be started to run the attempt: ${reason}`, options);
  }
}

/** The reason of `ctx.signal` when someone cancels a running task. A task that stops because of it becomes REVOKED. */
export class TaskCancelled extends Error {
  override readonly name = "TaskCancelled";

  constructor(
    /** Who cancelled it; null where that is not known. */
    readonly by: string | null = null,
    /** Why, in their words; null where they gave none. */
    readonly reason: string | null = null,
  ) {
    super(`The task was cancelled${by === null ? "" : ` by ${by}`}${reason === null ? "." : `: ${reason}`}`);
  }
}

/** The reason of `ctx.signal` when the worker must leave before the task is done. The task is given back and runs again elsewhere. */
export class WorkerStopping extends Error {
  override readonly name = "WorkerStopping";

  constructor() {
    super("The worker is stopping; the task is given back.");
  }
}

/** Thrown by `ctx.transaction` when the task is no longer this attempt's: its worker was given up for lost. Nothing was written. */
export class TaskTakenBackError extends Error {
  override readonly name = "TaskTakenBackError";

  constructor(taskId: string) {
    super(`Task ${taskId} was taken back from this worker and runs elsewhere: nothing was written.`);
  }
}

/** What became of a task that did not end well, as `TaskFailedError` tells it. */
export interface TaskFailure {
  readonly taskId: string;
  /** FAILURE, REVOKED or EXPIRED. */
  readonly state: string;
  /** The task's own error, made again of what was recorded: with its name, message, stack and causes. Absent when it was revoked or expired. */
  readonly cause?: Error;
}

/** Thrown by `handle.result()` when the task ended in any way but SUCCESS. Its message is that of the task's own error, its `cause` that error. */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  readonly code = "TASK_FAILED";
  readonly taskId: string;
  readonly state: string;
  /** Type of the task's own error, e.g. `"TypeError"`; null when it was revoked or expired. */
  readonly type: string | null;
  declare readonly cause?: Error;

  constructor({ taskId, state, cause }: TaskFailure) {
    super(cause?.message ?? `The task ended as ${state}.`, cause && { cause });
    this.taskId = taskId;
    this.state = state;
    this.type = cause?.name ?? null;
  }
}

/** Thrown by `handle.result()` when the task ended with SUCCESS and its output, which was kept in Redis, is no longer there. */
export class ResultGoneError extends Error {
  override readonly name = "ResultGoneError";
  readonly code = "RESULT_GONE";

  constructor(readonly taskId: string) {
    super(`Task ${taskId} succeeded, and its result is no longer there: Redis, which kept it, has lost it.`);
  }
}

/** Thrown when something did not happen within the caller's own time limit. The task itself goes on. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  readonly code = "TIMEOUT";

  constructor(what: string, timeoutMs: number) {
    super(`${what} did not happen within ${timeoutMs} ms.`);
  }
}

/** Makes an Error of whatever was thrown. Never throws. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(describeThrown(thrown), { cause: thrown });
}
