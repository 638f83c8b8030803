import { type Issue, toError } from "../errors.ts";
import { findJsonProblem, findSizeProblem, INPUT_LIMITS, type Json } from "../lib/json.ts";
import type { NewTask } from "../store/task-store.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import { type EnqueueOptions, resolveEnqueueOptions, show } from "../task/enqueue.ts";
import { limitKeyOf } from "../task/limits.ts";
import { findUnknownKeys, parseWith } from "../task/json-schema.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../task/names.ts";
import type { Registry } from "../task/registry.ts";

export interface EnqueueRequest {
  /** Name of the task definition. */
  readonly name: string;
  /** @default {} */
  readonly args?: Json;
  readonly options?: EnqueueOptions;
  /** The task that this one repeats. */
  readonly retryOf?: string;
}

export interface Preparation {
  /** Where the request stands in the caller's input. */
  readonly path: readonly string[];
  readonly now: Date;
  readonly createdBy: string | null;
  /** Makes the id of a row. */
  readonly newId: () => string;
  /** Gets an entry for every mistake. */
  readonly issues: Issue[];
}

/** Checks one request and makes the row of it; null when it was refused. A promise only where the schema itself is asynchronous. */
export function prepareTask(
  registry: Registry,
  request: EnqueueRequest,
  preparation: Preparation,
): NewTask | null | Promise<NewTask | null> {
  const definition = findDefinition(registry, request.name, preparation);
  if (!definition) return null;
  const before = preparation.issues.length;
  const input = request.args ?? {};
  const checked = checkInput(definition, input, preparation);
  const row = makeRow(definition, request, input, preparation);
  const done = (): NewTask | null => (preparation.issues.length === before ? row : null);
  return checked instanceof Promise ? checked.then(done) : done();
}

function findDefinition(
  registry: Registry,
  name: string,
  { path, issues }: Preparation,
): AnyTaskDefinition | null {
  const definition = registry.get(name);
  if (definition) return definition;
  if (TASK_NAME.test(name)) {
    const known = registry.names();
    const message = `Task ${show(name)} is not registered.`;
    issues.push({ code: "NOT_REGISTERED", path: [...path, "name"], message, hint: suggest(name, known) });
  } else {
    issues.push({
      code: "INVALID_INPUT",
      path: [...path, "name"],
      message: `must be ${TASK_NAME_RULE}; got ${show(name)}.`,
    });
  }
  return null;
}

function suggest(name: string, known: readonly string[]): string {
  const near = known.find((one) => one.toLowerCase().includes(name.toLowerCase()) || name.includes(one));
  return near ? `Did you mean "${near}"?` : `Known: ${known.length} tasks (see taskDefinitions).`;
}

function checkInput(
  definition: AnyTaskDefinition,
  input: Json,
  { path, issues }: Preparation,
): void | Promise<void> {
  const argsPath = [...path, "args"];
  const problem =
    findJsonProblem(input, INPUT_LIMITS) ?? findSizeProblem(JSON.stringify(input), INPUT_LIMITS);
  if (problem) {
    const where = [...argsPath, ...problem.path];
    issues.push({ code: "INVALID_INPUT", path: where, message: `${problem.message}.`, hint: problem.hint });
    return;
  }
  if (!definition.inputSchema) return;
  const parsed = parseWith(definition.inputSchema, input, argsPath);
  const take = (result: Awaited<typeof parsed>): void => {
    if (!result.ok) issues.push(...result.issues);
    if (definition.inputJsonSchema)
      issues.push(...findUnknownKeys(definition.inputJsonSchema, input, argsPath));
  };
  return parsed instanceof Promise ? parsed.then(take) : take(parsed);
}

/** What a row takes from its definition. */
export type RowDefaults = Pick<
  AnyTaskDefinition,
  "name" | "queue" | "priority" | "retry" | "timeLimitMs" | "tags" | "limits"
>;

/** The row of a task whose input was checked. Adds to `issues` what is wrong with its options. */
export function makeRow(
  definition: RowDefaults,
  request: Pick<EnqueueRequest, "options" | "retryOf">,
  input: Json,
  { path, now, createdBy, newId, issues }: Preparation,
): NewTask {
  const { queue, priority, maxAttempts, timeLimitMs, tags, ...rest } = resolveEnqueueOptions(
    request.options,
    [...path, "options"],
    now,
    issues,
  );
  return {
    ...rest,
    id: newId(),
    name: definition.name,
    queue: queue ?? definition.queue,
    priority: priority ?? definition.priority,
    input,
    maxAttempts: maxAttempts ?? definition.retry.maxAttempts,
    timeLimitMs: timeLimitMs ?? definition.timeLimitMs,
    tags: definition.tags.length > 0 ? [...new Set([...definition.tags, ...tags])] : tags,
    parentId: null,
    retryOf: request.retryOf ?? null,
    createdBy,
    ...limitKey(definition, input, { path, issues }),
  };
}

/** Tasks without limits have nothing of it. */
function limitKey(
  { limits }: RowDefaults,
  input: Json,
  { path, issues }: Pick<Preparation, "path" | "issues">,
): Pick<NewTask, "limitKey"> {
  if (limits === null) return {};
  try {
    return { limitKey: limitKeyOf(limits, input) };
  } catch (error) {
    const message = `give no key for the limits of this task: ${toError(error).message}.`;
    issues.push({ code: "INVALID_INPUT", path: [...path, "args"], message });
    return {};
  }
}
