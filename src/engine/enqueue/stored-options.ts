import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { ResolvedEnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { ResultBackend, ResultPolicy } from "../../task/records/results.ts";
import type { HiddenValues, StoredOptions } from "../../task/call/stored-options.ts";
import type { TimeLimits } from "../../task/limits/time-limits.ts";
import { Vault } from "../../task/sensitive/vault.ts";

/** What the app says about all tasks. */
export interface EnqueueSettings {
  /** For definitions that do not say. */
  readonly resultBackend: ResultBackend;
  /** Whether there is a Redis to keep outputs in; without it they are kept in the rows. */
  readonly hasRedis: boolean;
  /** Where sensitive fields of inputs go. */
  readonly vault: Vault;
}

/** For an app that says nothing. */
export const NO_SETTINGS: EnqueueSettings = {
  resultBackend: "database",
  hasRedis: false,
  vault: new Vault(null),
};

/** What only some tasks are told, by definition or call; null for the others. */
export function storedOptionsOf(
  definition: Pick<AnyTaskDefinition, "results" | "retry">,
  call: ResolvedEnqueueOptions,
  {
    limits,
    now,
    settings,
    hidden,
  }: {
    readonly limits: TimeLimits;
    readonly now: Date;
    readonly settings: EnqueueSettings;
    readonly hidden: HiddenValues | null;
  },
): StoredOptions | null {
  const keep = definition.results.keepMs ?? call.keepMs;
  const firstDueMs = definition.retry.forMs === null ? 0 : dueInMs(call, now);
  const stored = {
    ...(limits.softMs === null ? {} : { softTimeLimitMs: limits.softMs }),
    ...ownLimits(call),
    ...(firstDueMs === 0 ? {} : { firstDueMs }),
    ...(keep === null ? {} : { keep: { ...keep, ...call.keepMs } }),
    ...(hidden === null ? {} : { hidden }),
    ...placeOf(definition.results, call, settings),
  };
  return Object.keys(stored).length === 0 ? null : stored;
}

/** Limits that the call itself said: they hold whatever is said of the definition later. */
function ownLimits({ timeLimitMs, softTimeLimitMs }: ResolvedEnqueueOptions): StoredOptions {
  return {
    ...(timeLimitMs === null ? {} : { ownTimeLimit: true }),
    ...(softTimeLimitMs === null ? {} : { ownSoftTimeLimit: true }),
  };
}

function dueInMs({ delayMs, runAt }: ResolvedEnqueueOptions, now: Date): number {
  return delayMs ?? (runAt ? Math.max(0, runAt.getTime() - now.getTime()) : 0);
}

/** Where the output goes; null for the row. */
function placeOf(
  results: ResultPolicy,
  { ignoreResult }: Pick<ResolvedEnqueueOptions, "ignoreResult">,
  { resultBackend, hasRedis }: Omit<EnqueueSettings, "vault">,
): StoredOptions | null {
  const backend = results.backend ?? resultBackend;
  if (ignoreResult ?? results.ignore ?? backend === "none") return { ignoreResult: true };
  return backend === "redis" && hasRedis ? { resultBackend: "redis" } : null;
}
