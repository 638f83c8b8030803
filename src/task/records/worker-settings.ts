import type { LogLevelName } from "../../lib/log/log.ts";

/** Bounds of the automatic concurrency of a worker. */
export interface Autoscale {
  readonly min: number;
  readonly max: number;
}

/**
 * Runtime settings of the workers of one name. They survive a restart. Null or empty: the
 * configuration of the worker.
 */
export interface WorkerSettings {
  readonly concurrency: number | null;
  /** Excludes `concurrency`: the later command replaces the earlier one. */
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

/** Keys of settings that can be reset. */
export const WORKER_SETTING_KEYS = ["CONCURRENCY", "AUTOSCALE", "QUEUES", "PAUSED", "LOG_LEVEL"] as const;
export type WorkerSettingKey = (typeof WORKER_SETTING_KEYS)[number];

/** A change of the settings of workers. */
export type WorkerSettingsChange =
  | { readonly kind: "concurrency"; readonly concurrency: number }
  | { readonly kind: "autoscale"; readonly autoscale: Autoscale }
  | { readonly kind: "queues"; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: "paused"; readonly paused: boolean }
  | { readonly kind: "logLevel"; readonly logLevel: LogLevelName }
  | { readonly kind: "reset"; readonly keys: readonly WorkerSettingKey[] };

/** Highest concurrency of one worker. */
export const MAX_CONCURRENCY = 1024;

/** Returns the settings after a change. Pure: it may be computed again for newer settings. */
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

/** Returns the queues of a worker whose configuration has `configured`. */
export function queuesOf(configured: readonly string[], settings: WorkerSettings): readonly string[] {
  const { queuesAdded, queuesRemoved } = settings;
  if (queuesAdded.length === 0 && queuesRemoved.length === 0) return configured;
  return union(configured, queuesAdded).filter((queue) => !queuesRemoved.includes(queue));
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])].sort();
}
