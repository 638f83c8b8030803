import type { Issue } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Json } from "../../lib/json/json.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { EnqueueOptions, ResolvedEnqueueOptions } from "../../task/call/enqueue-options.ts";
import { resolveEnqueueOptions } from "../../task/call/enqueue-options.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE } from "../../task/call/route.ts";
import type { StoredOptions } from "../../task/call/stored-options.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { limitKeyOf, type TaskLimits } from "../../task/limits/limits.ts";
import { isSoftTooLong, type TimeLimits } from "../../task/limits/time-limits.ts";
import type { ResultBackend } from "../../task/records/results.ts";
import { type SecretKeys, secretKeysOf } from "../../task/sensitive/secret-keys.ts";
import type { SplitInput } from "../../task/sensitive/sensitive.ts";
import { Vault } from "../../task/sensitive/vault.ts";
import { type Destination, RouteError, type Router } from "./router.ts";
import { uniquePartsOf } from "./unique-key.ts";

/** Settings of the app that hold for all tasks. */
export interface EnqueueSettings {
  /** For definitions that do not choose one. */
  readonly resultBackend: ResultBackend;
  /** Whether Redis can keep outputs. Without it they are kept in the rows. */
  readonly hasRedis: boolean;
  /** Hides the sensitive values of inputs. */
  readonly vault: Vault;
}

/** The settings of parts that are used without an app. */
export const NO_SETTINGS: EnqueueSettings = {
  resultBackend: "database",
  hasRedis: false,
  vault: new Vault(null),
};

/** The columns that a row takes from its definition unless the call overrides them. */
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

/** The request of a row, except for its name and its args. */
export interface RowRequest {
  readonly options?: EnqueueOptions;
  /** The task that this one repeats. */
  readonly retryOf?: string;
  /** The task whose code enqueues this one. */
  readonly parentId?: string;
}

/** An input that was checked. */
export interface CheckedInput {
  readonly input: Json;
  /** The value that its schema returned. */
  readonly parsed: unknown;
  /** The input split at its sensitive values; null if it holds none. */
  readonly split: SplitInput | null;
  /** Whether it fits its schema: routes receive no others. */
  readonly isSound: boolean;
}

export interface RowContext {
  /** Path of the request in the caller's input. */
  readonly path: readonly string[];
  readonly now: Date;
  readonly createdBy: string | null;
  /** Makes the id of a row. */
  readonly newId: () => string;
  /** Receives an entry for every mistake. */
  readonly issues: Issue[];
  /** Decides in which queue tasks wait. */
  readonly router: Pick<Router, "destinationOf" | "findQueueProblem">;
  /** Receives the queue and the priority of a task that is accepted. */
  readonly onRouted?: (destination: Destination) => void;
  readonly settings: EnqueueSettings;
}

/** The destination of a task that is refused anyway. */
const NO_DESTINATION: Destination = { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, route: null };

/**
 * Returns the row of a task whose input was checked, and adds the mistakes in its options to
 * `issues`.
 */
export function makeRow(
  definition: RowDefaults,
  request: RowRequest,
  { input, parsed, split, isSound }: CheckedInput,
  context: RowContext,
): NewTask {
  const { path, now, issues, settings } = context;
  const before = issues.length;
  const optionsPath = [...path, "options"];
  const options = resolveEnqueueOptions(request.options, optionsPath, now, issues);
  const limits = findLimits(definition, options, optionsPath, issues);
  const secretKeys = secretKeysOf(definition.sensitive, split, settings.vault.digest);
  const hidden = split && settings.vault.hide(definition.name, split);
  const tags =
    definition.tags.length > 0 ? [...new Set([...definition.tags, ...options.tags])] : options.tags;
  const destination =
    isSound && issues.length === before
      ? routeTask(definition, { input, options, tags, given: request.options }, context)
      : NO_DESTINATION;
  const isRetry = request.retryOf !== undefined;
  const row: NewTask = {
    runAt: options.runAt,
    expiresInMs: options.expiresInMs,
    idempotencyKey: options.idempotencyKey,
    meta: options.meta,
    ...uniquePartsOf(definition, { options, parsed, isRetry, path: optionsPath, issues, secretKeys }),
    id: context.newId(),
    name: definition.name,
    input: hidden === null ? input : hidden.input,
    queue: destination.queue,
    priority: destination.priority,
    maxAttempts: options.maxAttempts ?? definition.retry.maxAttempts,
    timeLimitMs: limits.hardMs,
    options: storedOptionsOf(definition, options, { hidden: hidden?.hidden, limits, now, settings }),
    tags,
    parentId: request.parentId ?? null,
    retryOf: request.retryOf ?? null,
    createdBy: context.createdBy,
  };
  return definition.limits === null
    ? row
    : { ...row, ...limitKey(definition.limits, input, secretKeys, context) };
}

/** Returns nothing if no key can be made, and adds the reason to `issues`. */
function limitKey(
  limits: TaskLimits,
  input: Json,
  secretKeys: SecretKeys | null,
  { path, issues }: RowContext,
): Pick<NewTask, "limitKey"> {
  try {
    return { limitKey: limitKeyOf(limits, input, secretKeys) };
  } catch (error) {
    const message = `give no key for the limits of this task: ${toError(error).message}.`;
    issues.push({ code: "INVALID_INPUT", path: [...path, "args"], message });
    return {};
  }
}

/** Returns the queue and priority of a task. Adds an issue when no route gives them. */
function routeTask(
  definition: RowDefaults,
  task: {
    readonly input: Json;
    readonly options: ResolvedEnqueueOptions;
    readonly tags: readonly string[];
    /** Options as the caller sent them, for routes. */
    readonly given: EnqueueOptions | undefined;
  },
  { path, issues, router, onRouted }: RowContext,
): Destination {
  const { input: args, tags, given: options = {} } = task;
  try {
    const routed = () => ({ name: definition.name, args, options, tags });
    const destination = router.destinationOf(definition, task.options, routed);
    const problem = router.findQueueProblem(destination.queue);
    if (problem) issues.push({ code: "NOT_FOUND", path: [...path, "options", "queue"], ...problem });
    else onRouted?.(destination);
    return destination;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const hint = "Correct the setting routes, or give the queue and the priority in the call.";
    issues.push({ code: "ILLEGAL_STATE", path: [...path, "options", "queue"], message: error.message, hint });
    return NO_DESTINATION;
  }
}

/**
 * Returns the time limits in force, whether of the call or of the definition, and checks them
 * together.
 */
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
  const origin = (own: number | null): string => (own === null ? " of its definition" : "");
  if (softTimeLimitMs === null) {
    const message = `expected more than the soft time limit${origin(softTimeLimitMs)}, ${soft}, got ${hard}.`;
    const hint = "Give softTimeLimit, too.";
    issues.push({ code: "INVALID_INPUT", path: [...path, "timeLimit"], message, hint });
  } else {
    const message = `expected less than the time limit${origin(timeLimitMs)}, ${hard}, got ${soft}.`;
    issues.push({ code: "INVALID_INPUT", path: [...path, "softTimeLimit"], message });
  }
  return limits;
}

/** Returns the options that only some tasks have, by definition or by call; null for all others. */
function storedOptionsOf(
  { results, retry }: Pick<RowDefaults, "results" | "retry">,
  call: ResolvedEnqueueOptions,
  {
    hidden,
    limits: { softMs },
    now,
    settings,
  }: {
    readonly hidden: StoredOptions["hidden"];
    readonly limits: TimeLimits;
    readonly now: Date;
    readonly settings: EnqueueSettings;
  },
): StoredOptions | null {
  const keep = results.keepMs ?? call.keepMs;
  const firstDueMs = retry.forMs === null ? 0 : dueInMs(call, now);
  const stored: StoredOptions = {
    ...(softMs === null ? {} : { softTimeLimitMs: softMs }),
    // The limits of the call itself hold whatever overrides its definition has later.
    ...(call.timeLimitMs === null ? {} : { ownTimeLimit: true }),
    ...(call.softTimeLimitMs === null ? {} : { ownSoftTimeLimit: true }),
    ...(firstDueMs === 0 ? {} : { firstDueMs }),
    ...(keep === null ? {} : { keep: { ...keep, ...call.keepMs } }),
    ...(hidden === undefined ? {} : { hidden }),
    ...resultBackendOf(results, call, settings),
  };
  return Object.keys(stored).length === 0 ? null : stored;
}

function dueInMs({ delayMs, runAt }: ResolvedEnqueueOptions, now: Date): number {
  return delayMs ?? (runAt ? Math.max(0, runAt.getTime() - now.getTime()) : 0);
}

/** Returns where the output goes; null for the row. */
function resultBackendOf(
  results: RowDefaults["results"],
  { ignoreResult }: ResolvedEnqueueOptions,
  { resultBackend, hasRedis }: EnqueueSettings,
): StoredOptions | null {
  const backend = results.backend ?? resultBackend;
  if (ignoreResult ?? results.ignore ?? backend === "none") return { ignoreResult: true };
  return backend === "redis" && hasRedis ? { resultBackend: "redis" } : null;
}
