import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { type Issue, toError } from "../../errors.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Json } from "../../lib/json.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import { checkInput, readArgs } from "../../task/definition/check-input.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import {
  type EnqueueOptions,
  type ResolvedEnqueueOptions,
  resolveEnqueueOptions,
} from "../../task/call/enqueue-options.ts";
import { limitKeyOf } from "../../task/limits/limits.ts";
import { TASK_NAME, TASK_NAME_RULE } from "../../task/definition/names.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { type SecretKeys, secretKeysOf } from "../../task/sensitive/secret-keys.ts";
import { NOWHERE, placeTask } from "./place-task.ts";
import type { Place, Router } from "./router.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { REDACTED, splitSecrets } from "../../task/sensitive/sensitive.ts";
import type { Hidden } from "../../task/sensitive/vault.ts";
import { isSoftTooLong, type TimeLimits } from "../../task/limits/time-limits.ts";
import { NO_SETTINGS, storedOptionsOf, type EnqueueSettings } from "./stored-options.ts";
import { uniquePartsOf } from "./unique-key.ts";

export interface EnqueueRequest {
  /** Name of the task definition. */
  readonly name: string;
  /** @default {} */
  readonly args?: Json;
  readonly options?: EnqueueOptions;
  /** The task that this one repeats. */
  readonly retryOf?: string;
  /** The task whose code asks for this one. */
  readonly parentId?: string;
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
  /** @default NO_SETTINGS */
  readonly settings?: EnqueueSettings;
}

/** Checks one request and makes the row of it; null when it was refused. A promise only where the schema itself is asynchronous. */
export function prepareTask(registry: Registry, request: EnqueueRequest, preparation: Preparation): Prepared {
  const definition = findDefinition(registry, request.name, preparation);
  if (!definition) return null;
  const args = readArgs(request.args ?? {}, preparation.path, preparation.issues);
  return definition.sensitive.length > 0
    ? prepareSecretly(definition, request, args, preparation)
    : prepare(definition, request, args, preparation);
}

/** The args of a request; null for such as JSON cannot hold. */
type Args = ReturnType<typeof readArgs>;

type Prepared = NewTask | null | Promise<NewTask | null>;

/** For an input whose values are not all to be read in messages, whoever wrote those: a schema, a route, or a function of the definition. */
function prepareSecretly(
  definition: AnyTaskDefinition,
  request: EnqueueRequest,
  args: Args,
  preparation: Preparation,
): Prepared {
  const { secrets } = splitSecrets(args?.input ?? {}, definition.sensitive) ?? { secrets: {} };
  const issues: Issue[] = [];
  const tell = (row: NewTask | null): NewTask | null => {
    preparation.issues.push(...issues.map((issue) => hideInIssue(issue, preparation.path, secrets)));
    return row;
  };
  const row = prepare(definition, request, args, { ...preparation, issues });
  return row instanceof Promise ? row.then(tell) : tell(row);
}

function prepare(
  definition: AnyTaskDefinition,
  request: EnqueueRequest,
  args: Args,
  preparation: Preparation,
): Prepared {
  const before = preparation.issues.length;
  const input = args?.input ?? {};
  const make = (parsed: unknown): NewTask | null => {
    const usable = args !== null && preparation.issues.length === before;
    const checked = { input, parsed, isSound: usable };
    const row = makeRow(usable ? definition : withoutKey(definition), request, checked, preparation);
    return args !== null && preparation.issues.length === before ? row : null;
  };
  if (args === null) return make(input);
  const parsed =
    definition.sensitive.length > 0
      ? checkWithSecrets(definition, input, preparation)
      : checkInput(definition, input, preparation.path, preparation.issues);
  return parsed instanceof Promise ? parsed.then(make) : make(parsed);
}

/** For an input that was refused, of which no key can be made: the mistakes of its options are found all the same. */
function withoutKey(definition: AnyTaskDefinition): AnyTaskDefinition {
  return { ...definition, unique: { ...definition.unique, uniqueKey: null } };
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
  const all = `Known: ${known.length} tasks (see taskDefinitions).`;
  const near = known.find((one) => one.toLowerCase().includes(name.toLowerCase()) || name.includes(one));
  return didYouMean(name, near === undefined ? known : [near, ...known], all);
}

/** As `checkInput`; a placeholder is no value. */
function checkWithSecrets(
  definition: AnyTaskDefinition,
  input: Json,
  { path, issues }: Pick<Preparation, "path" | "issues">,
): unknown {
  const parsed = checkInput(definition, input, path, issues);
  const refusePlaceholders = (value: unknown): unknown => {
    const { secrets } = splitSecrets(input, definition.sensitive) ?? { secrets: {} };
    for (const [pointer, secret] of Object.entries(secrets)) {
      if (secret !== REDACTED) continue;
      const message = `is ${show(REDACTED)}, which stands for a value that is not shown.`;
      const at = [...path, "args", ...pointer.split("/").slice(1)];
      issues.push({ code: "INVALID_INPUT", path: at, message, hint: "Send the value itself." });
    }
    return value;
  };
  return parsed instanceof Promise ? parsed.then(refusePlaceholders) : refusePlaceholders(parsed);
}

/** What a row takes from its definition where the caller does not say. */
export type RowDefaults = Pick<
  AnyTaskDefinition,
  | "name"
  | "queue"
  | "priority"
  | "retry"
  | "timeLimitMs"
  | "softTimeLimitMs"
  | "tags"
  | "unique"
  | "results"
  | "sensitive"
  | "limits"
>;

/** An input that was checked. */
export interface CheckedInput {
  readonly input: Json;
  /** What its schema made of it. */
  readonly parsed: unknown;
  /** Whether it fits: no route is asked about one that does not. @default true */
  readonly isSound?: boolean;
}

/** The row of a task whose input was checked. Adds to `issues` what is wrong with its options. */
export function makeRow(
  definition: RowDefaults,
  request: Pick<EnqueueRequest, "options" | "retryOf" | "parentId">,
  { input, parsed, isSound = true }: CheckedInput,
  preparation: Preparation,
): NewTask {
  const { path, now, createdBy, newId, issues, settings = NO_SETTINGS } = preparation;
  const before = issues.length;
  const optionsPath = [...path, "options"];
  const options = resolveEnqueueOptions(request.options, optionsPath, now, issues);
  const limits = findLimits(definition, options, optionsPath, issues);
  const secret = hiddenOf(definition, input, settings);
  const secretKeys = secretKeysOf(definition.sensitive, input, settings.vault.digest);
  const tags = tagsOf(definition, options);
  const unplaced = { definition, args: input, options: request.options ?? {}, resolved: options, tags };
  const place = isSound && issues.length === before ? placeTask(unplaced, preparation) : NOWHERE;
  const isRetry = request.retryOf !== undefined;
  return {
    runAt: options.runAt,
    expiresInMs: options.expiresInMs,
    idempotencyKey: options.idempotencyKey,
    meta: options.meta,
    ...uniquePartsOf(definition, { options, parsed, isRetry, path: optionsPath, issues, secretKeys }),
    id: newId(),
    name: definition.name,
    input: secret === null ? input : secret.input,
    queue: place.queue,
    priority: place.priority,
    maxAttempts: options.maxAttempts ?? definition.retry.maxAttempts,
    timeLimitMs: limits.hardMs,
    options: storedOptionsOf(definition, options, { limits, now, settings, hidden: secret?.hidden ?? null }),
    tags,
    parentId: request.parentId ?? null,
    retryOf: request.retryOf ?? null,
    createdBy,
    ...limitKey(definition, input, secretKeys, { path, issues }),
  };
}

function tagsOf({ tags: own }: RowDefaults, { tags }: ResolvedEnqueueOptions): readonly string[] {
  return own.length > 0 ? [...new Set([...own, ...tags])] : tags;
}

/** The input without its sensitive values, and where those are; null where it has none. */
function hiddenOf({ name, sensitive }: RowDefaults, input: Json, { vault }: EnqueueSettings): Hidden | null {
  return sensitive.length > 0 ? vault.hide(name, input, sensitive) : null;
}

/** Tasks without limits have nothing of it. */
function limitKey(
  { limits }: RowDefaults,
  input: Json,
  secretKeys: SecretKeys | null,
  { path, issues }: Pick<Preparation, "path" | "issues">,
): Pick<NewTask, "limitKey"> {
  if (limits === null) return {};
  try {
    return { limitKey: limitKeyOf(limits, input, secretKeys) };
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
