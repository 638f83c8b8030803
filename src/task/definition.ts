import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DefinitionError } from "../errors.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { JsonObject } from "../lib/json.ts";
import type { TaskContext } from "./context.ts";
import { readJsonSchema } from "./json-schema.ts";
import {
  mutationFieldOf,
  QUEUE_NAME,
  QUEUE_NAME_RULE,
  TASK_NAME,
  TASK_NAME_RULE,
  graphqlStem,
} from "./names.ts";
import { PRIORITIES, type Priority } from "./priority.ts";
import type { DefinitionSchedule } from "./schedule-input.ts";
import { type RetryOptions, type RetryPolicy, resolveRetry } from "./retry.ts";
import type { Schema } from "./schema.ts";

/** Timers of Node.js end here. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Where the attempts of a definition may run. */
const POOLS = ["async", "processes"] as const;
type Pool = (typeof POOLS)[number];

type InputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : unknown;
type ParsedOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : unknown;

/** What `defineTask` takes. `In` and `Out` are the types of the two schemas. */
export interface TaskOptions<In extends Schema | undefined, Out extends Schema | undefined, Result> {
  /** Unique in an app; gives the mutation its name: `mail.send` -> `enqueueMailSend`. */
  readonly name: string;
  /** Shown in the API's documentation and the dashboard. */
  readonly description?: string;
  /** Checks the input at enqueue and again before the run; its JSON Schema makes the GraphQL input type. Without it any JSON is taken. */
  readonly input?: In;
  /** Checks what `run` returns; a mismatch fails the attempt for good. */
  readonly output?: Out;
  /** @default "default" */
  readonly queue?: string;
  /** @default "NORMAL" */
  readonly priority?: Priority;
  readonly retry?: RetryOptions;
  /** Longest run of one attempt; `ctx.signal` aborts then, and the attempt counts as failed. @default no limit */
  readonly timeLimit?: DurationInput;
  /**
   * Where it runs: `"async"` in the worker's own process, beside other tasks; `"processes"` in a child process of its own, which the worker can
   * end whatever the code does: for code that computes for long, or that may hang, crash or hoard memory. It must be exported from a file
   * that the worker finds by `tasks`, and `ctx.transaction` is not there. @default "async"
   */
  readonly pool?: Pool;
  /** Given to every task of this definition. */
  readonly tags?: readonly string[];
  /** How long finished tasks are kept. @default the app's `resultsExpire` */
  readonly resultsExpire?: DurationInput;
  /** When it is enqueued by itself. The first takes the task's name where it has none; any other needs one. */
  readonly schedules?: readonly DefinitionSchedule[];
  /** Marks the definition and its mutation as deprecated, with this reason. */
  readonly deprecationReason?: string;
  /** The work itself. It may run again after a crash: guard outside effects with `ctx.idempotencyKey` or `ctx.id`. */
  readonly run: (input: ParsedOf<In>, ctx: TaskContext<ParsedOf<In>>) => Promise<Result> | Result;
}

/** Code registered under a name: a frozen value without side effects. `I` is what callers send, `O` what the task gives back. */
export interface TaskDefinition<I = never, O = unknown> {
  readonly kind: "lovage.task";
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: Schema | null;
  readonly outputSchema: Schema | null;
  /** JSON Schema 2020-12 of the input and the output; null without a schema. */
  readonly inputJsonSchema: JsonObject | null;
  readonly outputJsonSchema: JsonObject | null;
  /** Name of the generated mutation; null without an input schema. */
  readonly mutationField: string | null;
  readonly queue: string;
  readonly priority: Priority;
  readonly retry: RetryPolicy;
  readonly timeLimitMs: number | null;
  readonly resultsExpireMs: number | null;
  readonly pool: Pool;
  readonly tags: readonly string[];
  readonly schedules: readonly DefinitionSchedule[];
  readonly deprecationReason: string | null;
  readonly run: (input: never, ctx: TaskContext<never>) => unknown;
  /** Only for the type checker: what callers send and get. */
  readonly types?: { readonly input: I; readonly output: O };
}

/** A definition whose types nobody asks about any more. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only type that every definition is assignable to, in both directions
export type AnyTaskDefinition = TaskDefinition<any, any>;

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
>(options: TaskOptions<In, Out, Result>): TaskDefinition<InputOf<In>, OutputOf<Out, Result>> {
  const problems: string[] = [];
  const checked = checkOptions(
    options as TaskOptions<Schema | undefined, Schema | undefined, unknown>,
    problems,
  );
  if (problems.length > 0) {
    throw new DefinitionError(
      `Task ${JSON.stringify(options.name)} cannot be defined: ${problems.join("; ")}.`,
    );
  }
  return Object.freeze(checked) as TaskDefinition<InputOf<In>, OutputOf<Out, Result>>;
}

/** Whether a value that some module exports is a task definition; definitions of another copy of this package count too. */
export function isTaskDefinition(value: unknown): value is AnyTaskDefinition {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "lovage.task";
}

function checkOptions(
  options: TaskOptions<Schema | undefined, Schema | undefined, unknown>,
  problems: string[],
): AnyTaskDefinition {
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
    tags: Object.freeze([...(options.tags ?? [])]),
    schedules: Object.freeze([...(options.schedules ?? [])]),
    deprecationReason: options.deprecationReason ?? null,
    run: options.run as AnyTaskDefinition["run"],
  };
}

function readSchemas(
  { name, input, output }: TaskOptions<Schema | undefined, Schema | undefined, unknown>,
  problems: string[],
) {
  return {
    inputSchema: input ?? null,
    outputSchema: output ?? null,
    inputJsonSchema: input ? readJsonSchema(input, "input", problems) : null,
    outputJsonSchema: output ? readJsonSchema(output, "output", problems) : null,
    mutationField: input ? mutationFieldOf(name) : null,
  };
}

function checkNames(
  options: TaskOptions<Schema | undefined, Schema | undefined, unknown>,
  problems: string[],
): void {
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
