import type { ControlAction, ControlEntry } from "../../task/records/control.ts";
import type { NamedTaskOverrides, TaskOverrides } from "../../task/records/task-settings.ts";
import type { WorkerSettings, WorkerSettingsChange } from "../../task/records/worker-settings.ts";

/** Who gives a command, for the log of commands. */
export interface CommandOrigin {
  readonly action: ControlAction;
  readonly actor: string | null;
}

/** What a worker's process is told to do once. */
export type WorkerOrder =
  | { readonly kind: "shutdown"; readonly drain: boolean }
  /** `id` tells one restart from the next. */
  | { readonly kind: "poolRestart"; readonly id: string };

/** All that one worker is told, as of one moment. */
export interface WorkerOrders {
  readonly settings: WorkerSettings;
  readonly shutdown: "drain" | "now" | null;
  /** Id of the newest restart of its pool that was asked for. */
  readonly poolRestart: string | null;
  /** Of all definitions that have any. */
  readonly overrides: readonly NamedTaskOverrides[];
}

/** What workers and task definitions are told at run time. Each command is stored together with its entry in the log, or not at all. */
export interface ControlStore {
  /** Changes the settings of worker names. */
  changeWorkers(
    names: readonly string[],
    change: WorkerSettingsChange,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  /** Tells live incarnations to do something once. */
  orderWorkers(
    workerIds: readonly string[],
    order: WorkerOrder,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  /**
   * Changes the overrides of a definition.
   *
   * @param change makes the new ones of the present ones; what it throws is thrown on, and nothing is changed
   */
  changeTask(
    name: string,
    change: (overrides: TaskOverrides) => TaskOverrides,
    origin: CommandOrigin,
  ): Promise<ControlEntry>;
  ordersFor(worker: { readonly id: string; readonly name: string }): Promise<WorkerOrders>;
  /** Of all definitions that have any. */
  overrides(): Promise<NamedTaskOverrides[]>;
  /** Newest first, those before `beforeId`. */
  log(limit: number, beforeId?: number): Promise<ControlEntry[]>;
  /** Deletes entries older than so many milliseconds, and all but the newest `max`; returns how many, at most `limit`. */
  deleteOldLog(olderThanMs: number, max: number, limit: number): Promise<number>;
}
