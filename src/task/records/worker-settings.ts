import type { LogLevelName } from "../../lib/log.ts";

/** How far a worker's slots may shrink and grow by themselves. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
}

/**
 * What the workers of one name are told while they run; it lives on when they are started again. What is null or empty is as the worker's
 * own configuration says.
 */
export interface WorkerSettings {
  readonly concurrency: number | null;
  /** Never together with `concurrency`: the later command replaces the earlier. */
  readonly autoscale: Autoscale | null;
  readonly queuesAdded: readonly string[];
  readonly queuesRemoved: readonly string[];
  readonly paused: boolean;
  readonly logLevel: LogLevelName | null;
}

export const NO_WORKER_SETTINGS: WorkerSettings = {
  concurrency: null,
  autoscale: null,
  queuesAdded: [],
  queuesRemoved: [],
  paused: false,
  logLevel: null,
};

/** Parts of the settings that can be taken back. */
export const WORKER_SETTING_KEYS = ["CONCURRENCY", "AUTOSCALE", "QUEUES", "PAUSED", "LOG_LEVEL"] as const;
export type WorkerSettingKey = (typeof WORKER_SETTING_KEYS)[number];

/** One thing that workers are told. */
export type WorkerSettingsChange =
  | { readonly kind: "concurrency"; readonly concurrency: number }
  | { readonly kind: "autoscale"; readonly autoscale: Autoscale }
  | { readonly kind: "queues"; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: "paused"; readonly paused: boolean }
  | { readonly kind: "logLevel"; readonly logLevel: LogLevelName }
  | { readonly kind: "reset"; readonly keys: readonly WorkerSettingKey[] };

/** The most that one worker may be told to run at once. */
export const MAX_CONCURRENCY = 1024;

/** The settings after a change. Pure: it may be computed again on newer settings. */
export function changeSettings(settings: WorkerSettings, change: WorkerSettingsChange): WorkerSettings {
  switch (change.kind) {
    case "concurrency":
      return { ...settings, concurrency: change.concurrency, autoscale: null };
    case "autoscale":
      return { ...settings, concurrency: null, autoscale: change.autoscale };
    case "queues":
      return { ...settings, ...changeQueues(settings, change) };
    case "paused":
      return { ...settings, paused: change.paused };
    case "logLevel":
      return { ...settings, logLevel: change.logLevel };
    case "reset":
      return { ...settings, ...resetOf(change.keys) };
  }
}

function changeQueues(
  { queuesAdded, queuesRemoved }: WorkerSettings,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Pick<WorkerSettings, "queuesAdded" | "queuesRemoved"> {
  return {
    queuesAdded: union(queuesAdded, add).filter((queue) => !remove.includes(queue)),
    queuesRemoved: union(queuesRemoved, remove).filter((queue) => !add.includes(queue)),
  };
}

function resetOf(keys: readonly WorkerSettingKey[]): Partial<WorkerSettings> {
  const { concurrency, autoscale, queuesAdded, queuesRemoved, paused, logLevel } = NO_WORKER_SETTINGS;
  return {
    ...(keys.includes("CONCURRENCY") ? { concurrency } : {}),
    ...(keys.includes("AUTOSCALE") ? { autoscale } : {}),
    ...(keys.includes("QUEUES") ? { queuesAdded, queuesRemoved } : {}),
    ...(keys.includes("PAUSED") ? { paused } : {}),
    ...(keys.includes("LOG_LEVEL") ? { logLevel } : {}),
  };
}

/** The queues of a worker that is configured to take from `configured`. */
export function queuesOf(configured: readonly string[], settings: WorkerSettings): readonly string[] {
  const { queuesAdded, queuesRemoved } = settings;
  if (queuesAdded.length === 0 && queuesRemoved.length === 0) return configured;
  return union(configured, queuesAdded).filter((queue) => !queuesRemoved.includes(queue));
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])].sort();
}
