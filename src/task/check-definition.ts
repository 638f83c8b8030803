import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { AnyTaskDefinition } from "./definition.ts";
import { readJsonSchema } from "./json-schema.ts";
import { readLimits } from "./limits.ts";
import {
  graphqlStem,
  mutationFieldOf,
  QUEUE_NAME,
  QUEUE_NAME_RULE,
  TASK_NAME,
  TASK_NAME_RULE,
} from "./names.ts";
import { POOLS } from "./pool.ts";
import { PRIORITIES } from "./priority.ts";
import { resolveRetry } from "./retry.ts";
import type { Schema } from "./schema.ts";
import type { TaskOptions } from "./task-options.ts";

/** Options whose types nobody asks about any more. */
export type AnyTaskOptions = TaskOptions<Schema | undefined, Schema | undefined, unknown>;

/** Timers of Node.js end here. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Reads options; adds a line to `problems` for each that cannot be used. */
export function checkOptions(options: AnyTaskOptions, problems: string[]): AnyTaskDefinition {
  checkNames(options, problems);
  return {
    kind: "lovage.task",
    name: options.name,
    description: options.description ?? null,
    ...readSchemas(options, problems),
    queue: options.queue ?? "default",
    priority: options.priority ?? "NORMAL",
    retry: resolveRetry(options.retry, problems),
    timeLimitMs: readDuration("timeLimit", options.timeLimit, problems),
    resultsExpireMs: readDuration("resultsExpire", options.resultsExpire, problems),
    pool: options.pool ?? "async",
    limits: readLimits(options, problems),
    tags: Object.freeze([...(options.tags ?? [])]),
    schedules: Object.freeze([...(options.schedules ?? [])]),
    deprecationReason: options.deprecationReason ?? null,
    run: options.run as AnyTaskDefinition["run"],
  };
}

function readSchemas({ name, input, output }: AnyTaskOptions, problems: string[]) {
  return {
    inputSchema: input ?? null,
    outputSchema: output ?? null,
    inputJsonSchema: input ? readJsonSchema(input, "input", problems) : null,
    outputJsonSchema: output ? readJsonSchema(output, "output", problems) : null,
    mutationField: input ? mutationFieldOf(name) : null,
  };
}

function checkNames(options: AnyTaskOptions, problems: string[]): void {
  if (typeof options.name !== "string" || !TASK_NAME.test(options.name)) {
    problems.push(`name must be ${TASK_NAME_RULE}`);
  } else if (!/^[A-Za-z]/.test(graphqlStem(options.name))) {
    problems.push("name must give a GraphQL name, which begins with a letter");
  }
  if (options.queue !== undefined && !QUEUE_NAME.test(options.queue)) {
    problems.push(`queue must be ${QUEUE_NAME_RULE}, got ${JSON.stringify(options.queue)}`);
  }
  if (options.priority !== undefined && !PRIORITIES.includes(options.priority)) {
    problems.push(
      `priority must be one of ${PRIORITIES.join(", ")}, got ${JSON.stringify(options.priority)}`,
    );
  }
  if (options.pool !== undefined && !POOLS.includes(options.pool)) {
    problems.push(`pool must be one of ${POOLS.join(", ")}, got ${JSON.stringify(options.pool)}`);
  }
  if (typeof options.run !== "function") problems.push("run must be a function");
}

function readDuration(key: string, value: DurationInput | undefined, problems: string[]): number | null {
  if (value === undefined) return null;
  const parsed = parseDuration(value);
  if (parsed === null || parsed === 0) {
    problems.push(`${key} must be ${DURATION_FORMS}, above zero, got ${JSON.stringify(value)}`);
  } else if (key === "timeLimit" && parsed > MAX_TIMER_MS) {
    problems.push(`${key} must be at most 24 days, got ${JSON.stringify(value)}`);
  }
  return parsed;
}
