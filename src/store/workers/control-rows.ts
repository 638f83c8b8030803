import type { JsonObject } from "../../lib/json/json.ts";
import type { LogLevelName } from "../../lib/log/log.ts";
import type { ControlAction, ControlChange, ControlEntry } from "../../task/records/control.ts";
import type { NamedTaskOverrides } from "../../task/records/task-overrides.ts";
import { NO_WORKER_SETTINGS, type WorkerSettings } from "../../task/records/worker-settings.ts";
import { type RawTime, toDate, toNumber } from "../tasks/rows.ts";

export const SETTING_COLUMNS =
  "name, concurrency, autoscale_min, autoscale_max, queues_added, queues_removed, paused, log_level";
export const OVERRIDE_COLUMNS = "name, rate_limit, time_limit_ms, soft_time_limit_ms, paused";
export const LOG_COLUMNS = "id, at, actor, action, changes";

export interface SettingRow {
  readonly name: string;
  readonly concurrency: number | null;
  readonly autoscale_min: number | null;
  readonly autoscale_max: number | null;
  readonly queues_added: readonly string[];
  readonly queues_removed: readonly string[];
  readonly paused: boolean;
  readonly log_level: LogLevelName | null;
}

export interface OverrideRow {
  readonly name: string;
  readonly rate_limit: string | null;
  readonly time_limit_ms: number | null;
  readonly soft_time_limit_ms: number | null;
  readonly paused: boolean;
}

export interface LogRow {
  readonly id: string | number;
  readonly at: RawTime;
  readonly actor: string | null;
  readonly action: ControlAction;
  readonly changes: readonly ControlChange[];
}

export function toSettings(row: SettingRow | undefined | null): WorkerSettings {
  if (!row) return NO_WORKER_SETTINGS;
  const { autoscale_min: min, autoscale_max: max } = row;
  return {
    concurrency: row.concurrency,
    autoscale: min === null || max === null ? null : { min, max },
    queuesAdded: row.queues_added,
    queuesRemoved: row.queues_removed,
    paused: row.paused,
    logLevel: row.log_level,
  };
}

export function toSettingRow(name: string, settings: WorkerSettings): SettingRow {
  return {
    name,
    concurrency: settings.concurrency,
    autoscale_min: settings.autoscale?.min ?? null,
    autoscale_max: settings.autoscale?.max ?? null,
    queues_added: settings.queuesAdded,
    queues_removed: settings.queuesRemoved,
    paused: settings.paused,
    log_level: settings.logLevel,
  };
}

export function toOverrides(row: OverrideRow): NamedTaskOverrides {
  return {
    name: row.name,
    rateLimit: row.rate_limit,
    timeLimitMs: row.time_limit_ms,
    softTimeLimitMs: row.soft_time_limit_ms,
    paused: row.paused,
  };
}

export function toEntry({ id, at, ...rest }: LogRow): ControlEntry {
  return { ...rest, id: toNumber(id), at: toDate(at) };
}

/** Returns the settings that differ from the defaults, for the log of commands. */
export function changedOf(settings: object): JsonObject {
  const isSet = (value: unknown): boolean =>
    value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => isSet(value))) as JsonObject;
}
