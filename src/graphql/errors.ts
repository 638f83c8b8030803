import { GraphQLError } from "graphql";
import { countOf, type Issue, MAX_ISSUES, RefusedError, UnavailableError } from "../errors.ts";
import { SECOND } from "../lib/clock.ts";
import { isError, messageOf } from "../lib/thrown.ts";

/** One entry of a payload's `errors`. */
export interface UserErrorRecord {
  readonly code: Issue["code"];
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}

/** Maps an issue's path to a path in the arguments of the mutation. */
export type PathMap = (path: readonly string[]) => readonly string[];

/**
 * Returns the error of an invalid argument of a query or subscription. Mutations return `errors` in
 * their payload instead.
 */
export function badUserInput(message: string): GraphQLError {
  return coded("BAD_USER_INPUT", message);
}

export function taskNotFound(id: string): GraphQLError {
  return coded("NOT_FOUND", `Task ${id} does not exist, or you may not see it.`);
}

/** Returns a RefusedError about one value of an input. */
export function refusal(path: readonly string[], message: string, hint?: string): RefusedError {
  return new RefusedError([
    { code: "INVALID_INPUT", path, message, ...(hint === undefined ? {} : { hint }) },
  ]);
}

/**
 * Runs a mutation. A RefusedError becomes the payload's `errors`. Other errors are thrown.
 *
 * @param refused returns the payload of a refused request
 */
export async function answering<Payload>(
  work: () => Promise<Payload>,
  refused: (errors: UserErrorRecord[]) => Payload,
  mapPath: PathMap = (path) => path,
): Promise<Payload> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return refused(toUserErrors(error, mapPath));
  }
}

/** Maps the paths of a RefusedError. Returns other errors unchanged. */
export function withPaths(error: unknown, mapPath: PathMap): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [first, ...rest] = error.issues.map((issue) => ({ ...issue, path: mapPath(issue.path) }));
  return new RefusedError([first!, ...rest], { moreIssues: error.moreIssues });
}

/**
 * Converts an error of Lovage to a top-level GraphQL error. Unknown errors are returned as they
 * are: the HTTP layer masks them.
 */
export function toGraphqlError(error: unknown): unknown {
  if (error instanceof UnavailableError) return unavailable(error);
  if (error instanceof RefusedError) return refusedError(error);
  return isReadable(error) ? error : new Error(messageOf(error));
}

/** Properties that graphql-js reads from an error of a resolver. */
const READ_BY_GRAPHQL = ["message", "stack", "extensions", "nodes", "source", "positions", "path"] as const;

/**
 * Whether graphql-js can report the error. If reading one of its properties throws, there is no
 * reply at all.
 */
function isReadable(error: unknown): boolean {
  try {
    for (const key of READ_BY_GRAPHQL) Reflect.get(error as object, key);
    return isError(error) && typeof error.message === "string";
  } catch {
    return false;
  }
}

/**
 * Converts issues to a payload's `errors`: at most MAX_ISSUES entries, the last of which counts the
 * omitted ones.
 */
export function toUserErrors(
  { issues, moreIssues = 0 }: { readonly issues: readonly Issue[]; readonly moreIssues?: number },
  mapPath: PathMap = (path) => path,
): UserErrorRecord[] {
  const all = issues.length + moreIssues;
  if (all <= MAX_ISSUES) return issues.map((issue) => toUserError(issue, mapPath));
  const shown = issues.slice(0, MAX_ISSUES - 1);
  const message = `${countOf(all - shown.length)} not shown.`;
  const note = { code: issues[0]!.code, message, path: null, hint: "Correct the errors above first." };
  return [...shown.map((issue) => toUserError(issue, mapPath)), note];
}

/**
 * Converts an issue to an entry of `errors`. Its message begins with the path, because clients show
 * messages and omit paths.
 */
function toUserError(issue: Issue, mapPath: PathMap): UserErrorRecord {
  const path = mapPath(issue.path);
  const message = path.length > 0 ? `${path.join(".")}: ${issue.message}` : issue.message;
  return { code: issue.code, message, path, hint: issue.hint ?? null };
}

function unavailable(error: UnavailableError): GraphQLError {
  const retryAfter = Math.ceil(error.retryAfterMs / SECOND);
  // The HTTP status if the whole operation failed. Callers do not see this part.
  const http = { status: 503, headers: new Map([["retry-after", String(retryAfter)]]) };
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: error.code, reason: error.reason, retryAfter, http },
  });
}

function refusedError(error: RefusedError): GraphQLError {
  const [issue] = error.issues;
  const about = issue.path.join(".");
  if (about === "after" || about === "before") return coded("BAD_CURSOR", cursorMessage(issue), error);
  const code = issue.code === "INVALID_INPUT" ? "BAD_USER_INPUT" : issue.code;
  const more = error.moreIssues > 0 ? ` ${countOf(error.moreIssues)} not shown.` : "";
  return coded(code, error.issues.map(sentenceOf).join(" ") + more, error);
}

/** A cursor's message names its subject itself. */
function cursorMessage(issue: Issue): string {
  return issue.hint ? `${issue.message} ${issue.hint}` : issue.message;
}

/** `filter.ids.0: expected a UUID, got "7".` */
function sentenceOf(issue: Issue): string {
  const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return where + cursorMessage(issue);
}

function coded(code: string, message: string, originalError?: Error): GraphQLError {
  return new GraphQLError(message, { extensions: { code }, ...(originalError ? { originalError } : {}) });
}
