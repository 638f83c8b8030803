import { unknownNames } from "../../lib/suggestion.ts";
import type { ConcurrencyOptions, RateLimitOptions } from "../limits/limits.ts";
import type { RetryOptions } from "../retry/retry.ts";
import type { TaskOptions } from "./task-options.ts";

type Names<Options> = Readonly<Record<keyof Options, true>>;

// The compiler keeps these lists complete.
const TASK: Names<TaskOptions<undefined, undefined, unknown>> = {
  name: true,
  description: true,
  input: true,
  output: true,
  errors: true,
  queue: true,
  priority: true,
  retry: true,
  expectedErrors: true,
  timeLimit: true,
  softTimeLimit: true,
  pool: true,
  rateLimit: true,
  concurrency: true,
  sensitive: true,
  uniqueKey: true,
  onConflict: true,
  debounce: true,
  maxWait: true,
  tags: true,
  resultsExpire: true,
  ignoreResult: true,
  resultBackend: true,
  schedules: true,
  hooks: true,
  deprecationReason: true,
  run: true,
};

const RETRY: Names<RetryOptions> = {
  maxAttempts: true,
  for: true,
  backoff: true,
  initialDelay: true,
  maxDelay: true,
  jitter: true,
  on: true,
  notOn: true,
};

const RATE_LIMIT: Names<RateLimitOptions> = { limit: true, key: true };
const CONCURRENCY: Names<ConcurrencyOptions> = { max: true, key: true };

interface CheckedOptions {
  readonly retry?: unknown;
  readonly rateLimit?: unknown;
  readonly concurrency?: unknown;
}

/**
 * Adds a line to `problems` for each unknown option. The compiler finds most of them, but task
 * files also run without it: Node strips types. A mistyped option would have no effect, and a limit
 * with a mistyped key would apply to all keys together.
 */
export function checkOptionNames(options: object & CheckedOptions, problems: string[]): void {
  checkNamesOf("", options, TASK, problems);
  const { retry, rateLimit, concurrency } = options;
  checkNamesOf("retry.", retry, RETRY, problems);
  checkNamesOf("rateLimit.", rateLimit, RATE_LIMIT, problems);
  for (const limit of Array.isArray(concurrency) ? (concurrency as unknown[]) : [concurrency])
    checkNamesOf("concurrency.", limit, CONCURRENCY, problems);
}

function checkNamesOf(
  prefix: string,
  options: unknown,
  names: Readonly<Record<string, true>>,
  problems: string[],
): void {
  if (typeof options !== "object" || options === null) return;
  for (const { name, remedy } of unknownNames(Object.keys(options), Object.keys(names), prefix))
    problems.push(`there is no option ${JSON.stringify(prefix + name)}; ${asClause(remedy)}`);
}

/** Problems of a definition are clauses of one sentence. */
function asClause(remedy: string): string {
  return `${remedy[0]!.toLowerCase()}${remedy.slice(1).replace(/\.$/, "")}`;
}
