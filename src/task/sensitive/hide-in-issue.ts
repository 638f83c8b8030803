import type { Issue } from "../../errors.ts";
import { hideValues, hideWords } from "./hide-values.ts";
import { pointerOf, type Secrets } from "./sensitive.ts";

/**
 * What is wrong with a request, without the sensitive values of its args. Where it is about such a
 * value, a short one is hidden too: a schema may quote what it refuses.
 *
 * @param path where the request stands in the caller's input
 */
export function hideInIssue(issue: Issue, path: readonly string[], secrets: Secrets): Issue {
  const own = issue.path.slice(path.length);
  const about = own[0] === "args" ? valuesAt(pointerOf(own.slice(1)), secrets) : {};
  const hide = (text: string): string => hideWords(hideValues(text, secrets), about);
  return {
    ...issue,
    message: hide(issue.message),
    ...(issue.hint === undefined ? {} : { hint: hide(issue.hint) }),
  };
}

/** The values at, in, or around a path. */
function valuesAt(pointer: string, secrets: Secrets): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).filter(
      ([at]) => `${at}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${at}/`),
    ),
  );
}
