import type { ControlAction, ControlEntry } from "../../task/records/control.ts";
import type { NamedTaskOverrides, TaskOverrides } from "../../task/records/task-overrides.ts";
import type { WorkerSettings, WorkerSettingsChange } from "../../task/records/worker-settings.ts";

/** The sender of a command, for the log of commands. */
export interface CommandOrigin {
  readonly action: ControlAction;
  readonly actor: string | null;
}

/** A one-time command to a worker's process. */
export type OneTimeCommand =
  | { readonly kind: "shutdown"; readonly drain: boolean }
  /** `id` distinguishes one restart from the next. */
  | { readonly kind: "poolRestart"; readonly id: string };

/** A worker's runtime settings, its one-time commands, and all overrides of definitions, from one snapshot. */
export interface StoredControl {
  readonly settings: WorkerSettings;
  readonly shutdown: "drain" | "now" | null;
  /** Id of the newest requested restart of its pool. */
  readonly poolRestart: string | null;
  /** Of all definitions that have any. */
  readonly overrides: readonly NamedTaskOverrides[];
}

/**
 * Runtime settings of workers and runtime overrides of task definitions. Each command is stored together with its log
 * entry, or not at all.
 */
export interface ControlStore {
  /** Changes the settings of worker names. */
  changeWorkers(
    names: readonly string[],
    change: WorkerSettingsChange,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  /** Sends a one-time command to live incarnations. */
  commandWorkers(
    workerIds: readonly string[],
    command: OneTimeCommand,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  /**
   * Changes the overrides of a definition.
   *
   * @param change returns the new overrides for the present ones; its errors are passed on, and
   *   nothing is changed
   */
  changeTask(
    name: string,
    change: (overrides: TaskOverrides) => TaskOverrides,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  controlOf(worker: { readonly id: string; readonly name: string }): Promise<StoredControl>;
  /** Of all definitions that have any. */
  overrides(): Promise<NamedTaskOverrides[]>;
  /** Newest first, those before `beforeId`. */
  log(limit: number, beforeId?: number): Promise<ControlEntry[]>;
  /** Number of entries of the log. */
  logSize(): Promise<number>;
  /**
   * Deletes entries that are too old, and all but the newest `max`. Returns their number, at most
   * `limit`.
   */
  deleteOldLog(olderThanMs: number, max: number, limit: number): Promise<number>;
}
