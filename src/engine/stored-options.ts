import type { AnyTaskDefinition } from "../task/definition.ts";
import type { ResolvedEnqueueOptions } from "../task/enqueue.ts";
import type { ResultBackend, ResultPolicy } from "../task/results.ts";
import type { StoredOptions } from "../task/stored-options.ts";
import { Vault } from "./vault.ts";

/** What the app says about all tasks. */
export interface TaskSettings {
  /** For definitions that do not say. */
  readonly resultBackend: ResultBackend;
  /** Whether there is a Redis to keep outputs in; without it they are kept in the rows. */
  readonly hasRedis: boolean;
  /** Where sensitive fields of inputs go. */
  readonly vault: Vault;
}

/** For an app that says nothing. */
export const NO_SETTINGS: TaskSettings = {
  resultBackend: "database",
  hasRedis: false,
  vault: new Vault(null),
};

/** What only some tasks are told, by definition or call; null for the others. */
export function storedOptionsOf(
  { results }: Pick<AnyTaskDefinition, "results">,
  call: Pick<ResolvedEnqueueOptions, "keepMs" | "ignoreResult">,
  settings: Omit<TaskSettings, "vault">,
): StoredOptions | null {
  const place = placeOf(results, call, settings);
  const keep = results.keepMs ?? call.keepMs;
  if (keep === null) return place;
  return { keep: { ...keep, ...call.keepMs }, ...place };
}

/** Where the output goes; null for the row. */
function placeOf(
  results: ResultPolicy,
  { ignoreResult }: Pick<ResolvedEnqueueOptions, "ignoreResult">,
  { resultBackend, hasRedis }: Omit<TaskSettings, "vault">,
): StoredOptions | null {
  const backend = results.backend ?? resultBackend;
  if (ignoreResult ?? results.ignore ?? backend === "none") return { ignoreResult: true };
  return backend === "redis" && hasRedis ? { resultBackend: "redis" } : null;
}
