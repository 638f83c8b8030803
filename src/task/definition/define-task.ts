import { show } from "../../lib/quote.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../../lib/duration.ts";
import { DefinitionError } from "../../errors.ts";
import { type ErrorDataOf, type ErrorSchemas, readErrorSchemas } from "./declared-errors.ts";
import type { AnyTaskDefinition, TaskDefinition } from "./definition.ts";
import { findTagsProblem } from "../call/enqueue-options.ts";
import { checkErrorMatch } from "../retry/error-match.ts";
import { checkHooks } from "./hooks.ts";
import { readJsonSchema } from "./json-schema.ts";
import { readLimits } from "../limits/limits.ts";
import {
  graphqlStem,
  mutationFieldOf,
  QUEUE_NAME,
  QUEUE_NAME_RULE,
  TASK_NAME,
  TASK_NAME_RULE,
} from "./names.ts";
import { checkOptionNames } from "./option-names.ts";
import { POOLS } from "./pool.ts";
import { PRIORITIES } from "./priority.ts";
import {
  readResultsExpire,
  RESULT_BACKENDS,
  type ResultPolicy,
  RESULTS_EXPIRE_FORMS,
} from "../records/results.ts";
import { resolveRetry } from "../retry/retry.ts";
import type { InputOf, ParsedOf, Schema } from "./schema.ts";
import { readSensitive, refuseSensitive } from "../sensitive/sensitive-schema.ts";
import type { TaskOptions } from "./task-options.ts";
import { isSoftTooLong, MAX_TIME_LIMIT_MS } from "../limits/time-limits.ts";
import { findUniqueContradiction, UNIQUE_CONFLICTS, type UniquePolicy } from "../call/unique.ts";

type OutputOf<Out, Result> = Out extends Schema ? ParsedOf<Out> : Awaited<Result>;

/**
 * Makes a task definition.
 *
 * @throws DefinitionError naming the task and every option that cannot be used.
 */
export function defineTask<
  const In extends Schema | undefined = undefined,
  const Out extends Schema | undefined = undefined,
  Result = unknown,
  const Name extends string = string,
  const Errors extends ErrorSchemas | undefined = undefined,
>(
  options: TaskOptions<In, Out, Result, Errors> & { readonly name: Name },
): TaskDefinition<InputOf<In>, OutputOf<Out, Result>, Name, ErrorDataOf<Errors>> {
  const problems: string[] = [];
  const checked = checkOptions(options as unknown as AnyTaskOptions, problems);
  if (problems.length > 0) {
    throw new DefinitionError(
      `Task ${JSON.stringify(options.name)} cannot be defined: ${problems.join("; ")}.`,
    );
  }
  return Object.freeze(checked) as TaskDefinition<
    InputOf<In>,
    OutputOf<Out, Result>,
    Name,
    ErrorDataOf<Errors>
  >;
}

/** Options whose types nobody asks about any more. */
type AnyTaskOptions = TaskOptions<Schema | undefined, Schema | undefined, unknown, ErrorSchemas | undefined>;

/** Reads options; adds a line to `problems` for each that cannot be used. */
function checkOptions(options: AnyTaskOptions, problems: string[]): AnyTaskDefinition {
  checkOptionNames(options, problems);
  checkNames(options, problems);
  checkTags(options.tags, problems);
  checkHooks(options.hooks, "task", problems);
  checkErrorMatch("expectedErrors", options.expectedErrors, problems);
  const timeLimits = readTimeLimits(options, problems);
  const schemas = readSchemas(options, problems);
  return {
    kind: "lovage.task",
    name: options.name,
    description: options.description ?? null,
    ...schemas,
    ...readErrors(options, problems),
    sensitive: readSensitive(options.sensitive, schemas.inputJsonSchema, problems),
    queue: options.queue ?? null,
    priority: options.priority ?? null,
    retry: resolveRetry(options.retry, problems),
    expectedErrors: options.expectedErrors ?? null,
    ...timeLimits,
    results: readResults(options, problems),
    pool: options.pool ?? null,
    limits: readLimits(options, problems),
    unique: readUnique(options, problems),
    tags: Object.freeze(Array.isArray(options.tags) ? [...options.tags] : []),
    schedules: Object.freeze([...(options.schedules ?? [])]),
    hooks: options.hooks ?? null,
    deprecationReason: options.deprecationReason ?? null,
    run: options.run as AnyTaskDefinition["run"],
  };
}

function readErrors({ errors }: AnyTaskOptions, problems: string[]) {
  const read = readErrorSchemas(errors, problems);
  for (const [name, schema] of Object.entries(read.errorJsonSchemas))
    refuseSensitive(`errors.${name}`, schema, problems);
  return read;
}

function readTimeLimits({ timeLimit, softTimeLimit }: AnyTaskOptions, problems: string[]) {
  const timeLimitMs = readDuration("timeLimit", timeLimit, problems, MAX_TIME_LIMIT_MS);
  const softTimeLimitMs = readDuration("softTimeLimit", softTimeLimit, problems, MAX_TIME_LIMIT_MS);
  if (isSoftTooLong({ softMs: softTimeLimitMs, hardMs: timeLimitMs })) {
    problems.push(
      `softTimeLimit: expected less than timeLimit, got ${show(softTimeLimit)} and ${JSON.stringify(timeLimit)}`,
    );
  }
  return { timeLimitMs, softTimeLimitMs };
}

function readSchemas({ name, input, output }: AnyTaskOptions, problems: string[]) {
  const outputJsonSchema = output ? readJsonSchema(output, "output", problems) : null;
  refuseSensitive("output", outputJsonSchema, problems);
  return {
    inputSchema: input ?? null,
    outputSchema: output ?? null,
    inputJsonSchema: input ? readJsonSchema(input, "input", problems) : null,
    outputJsonSchema,
    mutationField: input ? mutationFieldOf(name) : null,
  };
}

function checkNames(options: AnyTaskOptions, problems: string[]): void {
  if (typeof options.name !== "string" || !TASK_NAME.test(options.name)) {
    problems.push(`name: expected ${TASK_NAME_RULE}, got ${show(options.name)}`);
  } else if (!/^[A-Za-z]/.test(graphqlStem(options.name))) {
    problems.push(
      `name: expected one with a letter before any digit, for its GraphQL name, got ${show(options.name)}`,
    );
  }
  if (options.queue !== undefined && !QUEUE_NAME.test(options.queue)) {
    problems.push(`queue: expected ${QUEUE_NAME_RULE}, got ${show(options.queue)}`);
  }
  if (options.priority !== undefined && !PRIORITIES.includes(options.priority)) {
    problems.push(`priority: expected one of ${PRIORITIES.join(", ")}, got ${show(options.priority)}`);
  }
  if (options.pool !== undefined && !POOLS.includes(options.pool)) {
    problems.push(`pool: expected one of ${POOLS.join(", ")}, got ${show(options.pool)}`);
  }
  if (typeof options.run !== "function") problems.push(`run: expected a function, got ${show(options.run)}`);
}

function checkTags(tags: unknown, problems: string[]): void {
  const problem = tags === undefined ? null : findTagsProblem(tags);
  if (problem !== null) problems.push(`tags: ${problem}`);
}

function readUnique(options: AnyTaskOptions, problems: string[]): UniquePolicy {
  const { uniqueKey, onConflict } = options;
  if (uniqueKey !== undefined && typeof uniqueKey !== "function")
    problems.push(`uniqueKey: expected a function that makes a key of the input, got ${show(uniqueKey)}`);
  if (onConflict !== undefined && !UNIQUE_CONFLICTS.includes(onConflict))
    problems.push(`onConflict: expected one of ${UNIQUE_CONFLICTS.join(", ")}, got ${show(onConflict)}`);
  const policy = {
    uniqueKey: uniqueKey ?? null,
    onConflict: onConflict ?? null,
    debounceMs: readDuration("debounce", options.debounce, problems),
    maxWaitMs: readDuration("maxWait", options.maxWait, problems),
  };
  const problem = findUniqueContradiction(policy);
  if (problem) problems.push(`${problem.key}: ${problem.message}`);
  return policy;
}

function readResults(
  { resultsExpire, ignoreResult, resultBackend }: AnyTaskOptions,
  problems: string[],
): ResultPolicy {
  const keepMs = resultsExpire === undefined ? null : readResultsExpire(resultsExpire);
  if (resultsExpire !== undefined && keepMs === null)
    problems.push(`resultsExpire: expected ${RESULTS_EXPIRE_FORMS}, got ${show(resultsExpire)}`);
  if (ignoreResult !== undefined && typeof ignoreResult !== "boolean")
    problems.push(`ignoreResult: expected true or false, got ${show(ignoreResult)}`);
  if (resultBackend !== undefined && !RESULT_BACKENDS.includes(resultBackend))
    problems.push(`resultBackend: expected one of ${RESULT_BACKENDS.join(", ")}, got ${show(resultBackend)}`);
  return { keepMs, ignore: ignoreResult ?? null, backend: resultBackend ?? null };
}

function readDuration(
  key: string,
  value: DurationInput | undefined,
  problems: string[],
  max = Infinity,
): number | null {
  if (value === undefined) return null;
  const parsed = parseDuration(value);
  if (parsed === null || parsed === 0) {
    problems.push(`${key}: expected ${DURATION_FORMS}, above zero, got ${show(value)}`);
  } else if (parsed > max) {
    problems.push(`${key}: expected at most 24 days, got ${show(value)}`);
  }
  return parsed;
}
