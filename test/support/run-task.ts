import { RateLimitedTask, SnoozeTask, type TaskContext, type TaskDefinition } from "../../src/index.ts";
import type { Logger } from "../../src/lib/log/log.ts";
import { DeclaredError, type DeclaredErrorOptions } from "../../src/task/definition/declared-errors.ts";
import type { AnyTaskDefinition } from "../../src/task/definition/definition.ts";
import { parseWith } from "../../src/task/definition/validation.ts";

/** A context made by hand, and what a run told it. */
export interface Recording {
  readonly context: TaskContext;
  readonly progress: {
    readonly current: number;
    readonly total: number | undefined;
    readonly message: string | undefined;
  }[];
  /** Messages in order. */
  readonly log: string[];
}

export function recordContext(overrides: Partial<TaskContext> = {}): Recording {
  const progress: Recording["progress"] = [];
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const logger: Logger = {
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    child: () => logger,
  };
  const context: TaskContext = {
    id: "0198c0de-0000-7000-8000-000000000001",
    name: "test.task",
    input: {},
    attempt: 1,
    maxAttempts: 5,
    queue: "default",
    tags: [],
    idempotencyKey: "key-1",
    workerId: "0198c0de-0000-7000-8000-00000000000a",
    workerName: "tester",
    schedule: null,
    createdAt: new Date("2026-05-01T09:00:00Z"),
    startedAt: new Date("2026-05-01T09:00:01Z"),
    signal: new AbortController().signal,
    log: logger,
    progress: (current, total, message) => void progress.push({ current, total, message }),
    emit: () => undefined,
    deadline: null,
    error: (name: string, data: unknown, options?: DeclaredErrorOptions) =>
      new DeclaredError(name, data, options),
    snooze: (delay) => {
      throw new SnoozeTask(delay);
    },
    rateLimited: (delay) => {
      throw new RateLimitedTask(delay);
    },
    transaction: () => Promise.reject(new Error("There is no database.")),
    enqueue: () => Promise.reject(new Error("There is no database.")),
    ...overrides,
  };
  return { context, progress, log };
}

/** Does what a worker does with one attempt: parses the input, runs, checks the output. */
export async function runTask<I, O>(
  definition: TaskDefinition<I, O>,
  input: I,
  context: TaskContext = recordContext().context,
): Promise<O> {
  const parsed = await parseInput(definition, input);
  return (await runUnchecked(definition, parsed, context)) as O;
}

/** Runs with an input that the schema never saw. */
export async function runUnchecked(
  definition: AnyTaskDefinition,
  input: unknown,
  context: TaskContext = recordContext().context,
): Promise<unknown> {
  const result = await definition.run(input as never, { ...context, input } as never);
  return check(definition.outputSchema, result, "output");
}

export function parseInput(definition: AnyTaskDefinition, input: unknown): Promise<unknown> {
  return check(definition.inputSchema, input, "input");
}

async function check(
  schema: AnyTaskDefinition["inputSchema"],
  value: unknown,
  side: string,
): Promise<unknown> {
  if (schema === null) return value;
  const parsed = await parseWith(schema, value, [side]);
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"));
}
