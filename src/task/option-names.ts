import { closest } from "../lib/closest.ts";
import { show } from "./enqueue.ts";
import type { RetryOptions } from "./retry.ts";
import type { TaskOptions } from "./task-options.ts";

type Names<Options> = Readonly<Record<keyof Options, true>>;

// The compiler keeps both lists complete.
const TASK: Names<TaskOptions<undefined, undefined, unknown>> = {
  name: true,
  description: true,
  input: true,
  output: true,
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

/**
 * Adds a line to `problems` for each option that there is not. The compiler tells of most of them, but task files run without it: Node strips
 * their types, and a mistyped option would do nothing, silently.
 */
export function checkOptionNames(options: object & { readonly retry?: unknown }, problems: string[]): void {
  checkNamesOf("", options, TASK, problems);
  const { retry } = options;
  if (typeof retry === "object" && retry !== null) checkNamesOf("retry.", retry, RETRY, problems);
}

function checkNamesOf(
  prefix: string,
  options: object,
  names: Readonly<Record<string, true>>,
  problems: string[],
): void {
  const known = Object.keys(names);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const near = closest(name, known);
    const remedy = near === null ? `known: ${known.join(", ")}` : `did you mean ${prefix}${near}?`;
    problems.push(`there is no option ${show(`${prefix}${name}`)}; ${remedy}`);
  }
}
