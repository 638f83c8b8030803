import { type Issue, refuseIssues } from "../errors.ts";
import { INPUT_LIMITS, readJson } from "../lib/json/json.ts";
import type { EnqueueOptions } from "../task/call/enqueue-options.ts";
import { readArgs } from "../task/definition/validation.ts";
import { ClientError } from "./answer.ts";
import type { EnqueueOptions as SentOptions, EnqueueTaskInput } from "./generated/graphql.ts";

/** One task to enqueue. */
export interface Item {
  readonly path: readonly string[];
  readonly input: unknown;
  readonly options: EnqueueOptions | undefined;
}

/**
 * Makes the variables of an enqueue. The server checks them; what JSON would change or drop in
 * silence, it would not see.
 *
 * @throws RefusedError as `app.enqueue` does
 */
export function toRequests(name: string, items: readonly Item[]): EnqueueTaskInput[] {
  const issues: Issue[] = [];
  const requests = items.map(({ path, input, options }) => {
    const args = readArgs(input, path, issues)?.input ?? null;
    return options ? { name, args, options: readOptions(options, path, issues) } : { name, args };
  });
  refuseIssues(issues);
  return requests;
}

/**
 * Runs an enqueue. GraphQL refuses the whole request for an option of another name or type; then
 * throws the error of that option instead.
 *
 * @throws RefusedError as `app.enqueue` does
 */
export async function explainOptions<Result>(
  items: readonly Item[],
  enqueue: Promise<Result>,
): Promise<Result> {
  try {
    return await enqueue;
  } catch (error) {
    if (!(error instanceof ClientError && error.code === "BAD_USER_INPUT")) throw error;
    // Loaded only now: a third of the size of the client.
    const { resolveEnqueueOptions } = await import("../task/call/enqueue-options.ts");
    const issues: Issue[] = [];
    for (const { path, options } of items)
      resolveEnqueueOptions(options, [...path, "options"], new Date(), issues);
    refuseIssues(issues);
    throw error;
  }
}

/** The options as GraphQL takes them. */
function readOptions(options: EnqueueOptions, path: readonly string[], issues: Issue[]): SentOptions {
  const { runAt, resultsExpire, ...others } = options;
  const read = readJson(others, INPUT_LIMITS);
  if ("problem" in read) {
    const { message, hint } = read.problem;
    issues.push({
      ...{ code: "INVALID_INPUT", message: `${message}.`, hint },
      path: [...path, "options", ...read.problem.path],
    });
    return {};
  }
  return {
    ...(read.value as SentOptions),
    ...(runAt === undefined ? {} : { runAt: isValid(runAt) ? runAt.toISOString() : String(runAt) }),
    ...(resultsExpire === undefined
      ? {}
      : { resultsExpire: typeof resultsExpire === "object" ? resultsExpire : { all: resultsExpire } }),
  };
}

function isValid(time: unknown): time is Date {
  return time instanceof Date && !Number.isNaN(time.getTime());
}
