import { describeIssue, type Issue } from "../errors.ts";
import { CommandError, exitCodeOf } from "./failure.ts";
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
  const lines = errors.map((issue) =>
    describeIssue({ ...issue, path: issue.path ?? [], hint: issue.hint ?? "" }),
  );
  return new CommandError(exitCodeOf(first.code), first.code, plain(lines.join("\n")));
}
