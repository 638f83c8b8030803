import { describeIssue, type Issue } from "../errors.ts";
import { CommandError, exitCodeOf } from "./failure.ts";
import { toFlagPath } from "./flags.ts";
import { plain } from "./output.ts";

/** What a server says is wrong with a request. */
export interface ServerIssue {
  readonly code: Issue["code"];
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly hint: string | null;
}

/** A server's refusal, to be thrown: all that it says is wrong. Null when it refused nothing. */
export function refusalOf(errors: readonly ServerIssue[]): CommandError | null {
  const [first] = errors;
  if (!first) return null;
  const lines = errors.map((issue) => describeRefusal(issue));
  return new CommandError(exitCodeOf(first.code), first.code, plain(lines.join("\n")));
}

/** A refusal in a line, with the flag that it is about in place of the path in GraphQL. */
export function describeRefusal(issue: ServerIssue): string {
  const path = toFlagPath(issue.path ?? []);
  return describeIssue({ code: issue.code, message: bareMessage(issue), path, hint: issue.hint ?? "" });
}

/** A message of the API begins with its path, since it must stand alone there. */
export function bareMessage({ message, path }: Pick<ServerIssue, "message" | "path">): string {
  const begin = `${(path ?? []).join(".")}: `;
  return message.startsWith(begin) ? message.slice(begin.length) : message;
}
