import type { WorkerRecord, WorkerStatus } from "../../task/records/worker.ts";

export interface WorkerStore {
  /** Inserts the row of a new incarnation. */
  register(worker: WorkerRecord): Promise<void>;
  /**
   * Writes the present state and the time. False when the row is LOST, OFFLINE or gone: the worker
   * must stop what it runs.
   */
  heartbeat(worker: WorkerRecord): Promise<boolean>;
  /** Live workers whose last heartbeat is older become LOST. Returns them. */
  markLost(silentMs: number): Promise<WorkerRecord[]>;
  /** Marks a worker as OFFLINE. Returns the row, or null when it was no longer live. */
  setOffline(workerId: string): Promise<WorkerRecord | null>;
  /** Known workers, newest first. */
  list(statuses?: readonly WorkerStatus[]): Promise<WorkerRecord[]>;
  /** Live workers that know a task definition, in the order of their names. */
  knowing(definition: string): Promise<WorkerRecord[]>;
  /** The newest incarnation of each name, and workers by id. */
  byNames(names: readonly string[]): Promise<WorkerRecord[]>;
  byIds(ids: readonly string[]): Promise<WorkerRecord[]>;
  /**
   * Deletes LOST and OFFLINE rows without STARTED tasks that were silent for this long. Returns
   * their number.
   */
  deleteGone(silentMs: number): Promise<number>;
}
