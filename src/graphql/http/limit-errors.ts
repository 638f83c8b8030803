import type { GraphQLFormattedError } from "graphql";
import { countOf, MAX_ISSUES } from "../../errors.ts";

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
