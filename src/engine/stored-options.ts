import type { AnyTaskDefinition } from "../task/definition.ts";
import type { ResolvedEnqueueOptions } from "../task/enqueue.ts";
import type { ResultBackend } from "../task/results.ts";
import type { StoredOptions } from "../task/stored-options.ts";

/** What the app says about all tasks. */
export interface TaskSettings {
  /** For definitions that do not say. */
  readonly resultBackend: ResultBackend;
  /** Whether there is a Redis to keep outputs in; without it they are kept in the rows. */
  readonly hasRedis: boolean;
}

/** For an app that says nothing. */
export const NO_SETTINGS: TaskSettings = { resultBackend: "database", hasRedis: false };

/** What only some tasks are told, by definition or call; null for the others. */
export function storedOptionsOf(
  { results }: Pick<AnyTaskDefinition, "results">,
  { keepMs, ignoreResult }: Pick<ResolvedEnqueueOptions, "keepMs" | "ignoreResult">,
  { resultBackend, hasRedis }: TaskSettings,
): StoredOptions | null {
  const backend = results.backend ?? resultBackend;
  const ignored = ignoreResult ?? results.ignore ?? backend === "none";
  const inRedis = backend === "redis" && hasRedis && !ignored;
  if (!ignored && !inRedis && results.keepMs === null && keepMs === null) return null;
  return {
    ...(results.keepMs === null && keepMs === null ? {} : { keep: { ...results.keepMs, ...keepMs } }),
    ...(ignored ? { ignoreResult: true } : {}),
    ...(inRedis ? { resultBackend: "redis" } : {}),
  };
}
