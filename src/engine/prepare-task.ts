import type { Issue } from "../errors.ts";
import { findJsonProblem, findSizeProblem, INPUT_LIMITS, type Json } from "../lib/json.ts";
import type { NewTask } from "../store/task-store.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import { type EnqueueOptions, resolveEnqueueOptions, show } from "../task/enqueue.ts";
import { findUnknownKeys, parseWith } from "../task/json-schema.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../task/names.ts";
import type { Registry } from "../task/registry.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE, type Route, type RoutedTask } from "../task/route.ts";
import { type Place, RouteError, type Router } from "./router.ts";

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
  /** Decides where tasks wait. */
  readonly router: Pick<Router, "place" | "findQueueProblem">;
  /** Told where the task will wait. */
  readonly onPlaced?: (place: Place) => void;
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
  const done = (): NewTask | null => {
    const isSound = preparation.issues.length === before;
    const row = makeRow(definition, request, input, preparation, isSound);
    return preparation.issues.length === before ? row : null;
  };
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

/**
 * The row of a task whose input was checked. Adds to `issues` what is wrong with its options.
 *
 * @param isSound whether the input fits: no route is asked about one that does not
 */
export function makeRow(
  definition: Pick<AnyTaskDefinition, "name" | "queue" | "priority" | "retry" | "timeLimitMs" | "tags">,
  request: Pick<EnqueueRequest, "options" | "retryOf">,
  input: Json,
  preparation: Preparation,
  isSound = true,
): NewTask {
  const { path, now, createdBy, newId, issues } = preparation;
  const before = issues.length;
  const { queue, priority, maxAttempts, timeLimitMs, tags, ...rest } = resolveEnqueueOptions(
    request.options,
    [...path, "options"],
    now,
    issues,
  );
  const allTags = definition.tags.length > 0 ? [...new Set([...definition.tags, ...tags])] : tags;
  const said = { ...(queue === undefined ? {} : { queue }), ...(priority === undefined ? {} : { priority }) };
  const task = (): RoutedTask => ({
    name: definition.name,
    args: input,
    options: request.options ?? {},
    tags: allTags,
  });
  const place =
    isSound && issues.length === before ? placeTask(definition, said, task, preparation) : NOWHERE;
  return {
    ...rest,
    id: newId(),
    name: definition.name,
    queue: place.queue,
    priority: place.priority,
    input,
    maxAttempts: maxAttempts ?? definition.retry.maxAttempts,
    timeLimitMs: timeLimitMs ?? definition.timeLimitMs,
    tags: allTags,
    parentId: null,
    retryOf: request.retryOf ?? null,
    createdBy,
  };
}

/** Of a task that is refused anyway. */
const NOWHERE: Place = { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, route: null };

function placeTask(
  definition: Pick<AnyTaskDefinition, "queue" | "priority">,
  said: Route,
  task: () => RoutedTask,
  { router, path, issues, onPlaced }: Preparation,
): Place {
  try {
    const place = router.place(definition, said, task);
    const problem = router.findQueueProblem(place.queue);
    if (problem) issues.push({ code: "NOT_FOUND", path: [...path, "options", "queue"], ...problem });
    else onPlaced?.(place);
    return place;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const hint = "Correct the setting routes, or say the queue and the priority in the call.";
    issues.push({ code: "ILLEGAL_STATE", path: [...path, "options", "queue"], message: error.message, hint });
    return NOWHERE;
  }
}
