import { type Issue, toError } from "../errors.ts";
import { formatDuration } from "../lib/duration.ts";
import type { Json } from "../lib/json.ts";
import type { NewTask } from "../store/task-store.ts";
import { checkInput } from "../task/check-input.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import {
  type EnqueueOptions,
  type ResolvedEnqueueOptions,
  resolveEnqueueOptions,
  show,
} from "../task/enqueue.ts";
import { limitKeyOf } from "../task/limits.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../task/names.ts";
import type { Registry } from "../task/registry.ts";
import type { StoredOptions } from "../task/stored-options.ts";
import { isSoftTooLong, type TimeLimits } from "../task/time-limits.ts";

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
  const checked = checkInput(definition, input, preparation.path, preparation.issues);
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

/** What a row takes from its definition where the caller does not say. */
export type RowDefaults = Pick<
  AnyTaskDefinition,
  "name" | "queue" | "priority" | "retry" | "timeLimitMs" | "softTimeLimitMs" | "tags" | "limits"
>;

/** The row of a task whose input was checked. Adds to `issues` what is wrong with its options. */
export function makeRow(
  definition: RowDefaults,
  request: Pick<EnqueueRequest, "options" | "retryOf">,
  input: Json,
  { path, now, createdBy, newId, issues }: Preparation,
): NewTask {
  const resolved = resolveEnqueueOptions(request.options, [...path, "options"], now, issues);
  const {
    queue,
    priority,
    maxAttempts,
    timeLimitMs: _hard,
    softTimeLimitMs: _soft,
    tags,
    ...rest
  } = resolved;
  const limits = findLimits(definition, resolved, [...path, "options"], issues);
  return {
    ...rest,
    options: storedOptions(definition, resolved, limits, now),
    id: newId(),
    name: definition.name,
    queue: queue ?? definition.queue,
    priority: priority ?? definition.priority,
    input,
    maxAttempts: maxAttempts ?? definition.retry.maxAttempts,
    timeLimitMs: limits.hardMs,
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

/** The time limits that hold, wherever each comes from; together they must make sense. */
function findLimits(
  definition: RowDefaults,
  { timeLimitMs, softTimeLimitMs }: ResolvedEnqueueOptions,
  path: readonly string[],
  issues: Issue[],
): TimeLimits {
  const limits = {
    softMs: softTimeLimitMs ?? definition.softTimeLimitMs,
    hardMs: timeLimitMs ?? definition.timeLimitMs,
  };
  if (!isSoftTooLong(limits)) return limits;
  const [soft, hard] = [formatDuration(limits.softMs!), formatDuration(limits.hardMs!)];
  const origin = (said: number | null): string => (said === null ? " of its definition" : "");
  if (softTimeLimitMs === null) {
    const message = `must be longer than the soft time limit${origin(softTimeLimitMs)}, ${soft}; got ${hard}.`;
    issues.push({
      code: "INVALID_INPUT",
      path: [...path, "timeLimit"],
      message,
      hint: "Give softTimeLimit, too.",
    });
  } else {
    const message = `must be shorter than the time limit${origin(timeLimitMs)}, ${hard}; got ${soft}.`;
    issues.push({ code: "INVALID_INPUT", path: [...path, "softTimeLimit"], message });
  }
  return limits;
}

/** What only some tasks are told; null for all others. */
function storedOptions(
  { retry }: RowDefaults,
  { delayMs, runAt }: ResolvedEnqueueOptions,
  { softMs }: TimeLimits,
  now: Date,
): StoredOptions | null {
  if (softMs === null && retry.forMs === null) return null;
  const firstDueMs = delayMs ?? (runAt ? Math.max(0, runAt.getTime() - now.getTime()) : 0);
  const options = {
    ...(softMs === null ? {} : { softTimeLimitMs: softMs }),
    ...(retry.forMs === null || firstDueMs === 0 ? {} : { firstDueMs }),
  };
  return Object.keys(options).length === 0 ? null : options;
}
