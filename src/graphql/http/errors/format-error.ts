import { countOf, MAX_ISSUES } from "../../../errors.ts";
import { GraphQLError, Kind, type GraphQLFormattedError } from "graphql";
import type { Logger } from "../../../lib/log/log.ts";
import { UNEXPECTED } from "./refusal.ts";
import type { UnquotedValues } from "./unquoted-values.ts";

/** Converts an error to the one that the client receives. */
export type ErrorFormatter = (error: GraphQLError, requestId: string) => GraphQLFormattedError;

// graphql-js quotes an invalid variable in full, and it may be as long as the request.
const MAX_MESSAGE = 2_000;

/**
 * Errors with a code are meant for the caller and pass. Errors of graphql-js get the code that
 * Apollo gives them. Other errors are bugs: they are logged with their stack and masked, in
 * development too, so that nobody relies on what production hides.
 */
export function createErrorFormatter(options: {
  readonly log: Logger;
  readonly hideSuggestions: boolean;
  /** Rewords messages that quote values. */
  readonly values: Pick<UnquotedValues, "reword">;
}): ErrorFormatter {
  return (error, requestId) => {
    const code = codeOf(error);
    if (code === null && !isDeliberate(error)) {
      const fields = { requestId, path: error.path?.join("."), err: rootCause(error) };
      options.log.error("A resolver failed unexpectedly.", fields);
      return withLocations(error, UNEXPECTED.message, { code: UNEXPECTED.code, requestId });
    }
    const { http: _http, stacktrace: _stacktrace, ...extensions } = error.extensions;
    const shown = { ...extensions, code: code ?? UNEXPECTED.code, requestId };
    return withLocations(
      error,
      wording(options.values.reword(error), error, code, options.hideSuggestions),
      shown,
    );
  };
}

function codeOf(error: GraphQLError): string | null {
  const code = error.extensions.code;
  if (typeof code === "string" && code !== UNEXPECTED.code) return code;
  return isVariableProblem(error) ? "BAD_USER_INPUT" : null;
}

/** Whether variables were refused before execution. Execution errors have a path. */
function isVariableProblem(error: GraphQLError): boolean {
  return (
    error.path === undefined && error.nodes?.length === 1 && error.nodes[0]?.kind === Kind.VARIABLE_DEFINITION
  );
}

/** Whether an error was thrown as a GraphQL error, possibly without a code. */
function isDeliberate(error: GraphQLError): boolean {
  return rootCause(error) instanceof GraphQLError;
}

function rootCause(error: GraphQLError): Error {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function withLocations(
  error: GraphQLError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLFormattedError {
  return {
    message,
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions,
  };
}

function wording(said: string, error: GraphQLError, code: string | null, hideSuggestions: boolean): string {
  const message = reworded(said, error, code);
  // The message is cut first: the search for a suggestion takes time quadratic in its length.
  const cut = message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
  return hideSuggestions && isAboutSchema(code) ? withoutSuggestion(cut) : cut;
}

function reworded(said: string, error: GraphQLError, code: string | null): string {
  if (code === "GRAPHQL_PARSE_FAILED") return syntaxMessage(said, error);
  if (code === "OPERATION_RESOLUTION_FAILURE" && error.message.startsWith("Must provide operation name")) {
    return 'Name the operation to run: the document has several, so send "operationName".';
  }
  return said;
}

/**
 * `Syntax Error: Expected Name, found "}".` at 1:9 becomes
 * `Syntax error at 1:9: expected Name, found "}".`
 */
function syntaxMessage(said: string, error: GraphQLError): string {
  const location = error.locations?.[0];
  const rest = /^Syntax Error: (.)(.*)$/su.exec(said);
  if (!location || !rest) return said;
  return `Syntax error at ${location.line}:${location.column}: ${rest[1]!.toLowerCase()}${rest[2]}`;
}

function isAboutSchema(code: string | null): boolean {
  return code === "GRAPHQL_VALIDATION_FAILED" || code === "BAD_USER_INPUT";
}

function withoutSuggestion(message: string): string {
  return message.replace(/ ?Did you mean (?:.+?\?(?=$| )|[^?]*…$)/su, "");
}

/**
 * The message that graphql-js appends if it stopped before all errors of a document or of variables
 * were found.
 */
const STOPPED = /error limit reached/;

/** Returns at most MAX_ISSUES of a reply's errors. The last one counts the omitted ones. */
export function limitErrors(errors: readonly GraphQLFormattedError[]): readonly GraphQLFormattedError[] {
  if (errors.length <= MAX_ISSUES) return errors;
  const stopped = STOPPED.test(errors.at(-1)!.message);
  const all = stopped ? errors.slice(0, -1) : errors;
  const shown = all.slice(0, MAX_ISSUES - 1);
  const moreErrors = all.length - shown.length;
  const message = `${stopped ? "At least " : ""}${countOf(moreErrors)} not shown.`;
  const { code, requestId } = errors[0]!.extensions ?? {};
  return [...shown, { message, extensions: { code, requestId, moreErrors } }];
}
