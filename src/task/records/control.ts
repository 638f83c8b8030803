import type { JsonObject } from "../../lib/json/json.ts";

/** Commands to workers and task definitions, each named after its mutation. */
export const CONTROL_ACTIONS = [
  "RESIZE_WORKER_POOL",
  "AUTOSCALE_WORKERS",
  "SET_WORKER_QUEUES",
  "PAUSE_WORKERS",
  "RESUME_WORKERS",
  "SET_WORKER_LOG_LEVEL",
  "RESET_WORKER_SETTINGS",
  "RESTART_WORKER_POOLS",
  "SHUTDOWN_WORKERS",
  "SET_TASK_RATE_LIMIT",
  "SET_TASK_TIME_LIMIT",
  "PAUSE_TASK",
  "RESUME_TASK",
] as const;
export type ControlAction = (typeof CONTROL_ACTIONS)[number];

/** The change by a command of one worker name, or of one task definition. */
export interface ControlChange {
  /** Name of the workers or of the definition. */
  readonly target: string;
  /** Settings before and after; null for a command that does not change settings. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

/** An entry of the control log: a command, its user, its time and its changes. */
export interface ControlEntry {
  /** Rises with every entry. */
  readonly id: number;
  readonly at: Date;
  /** User of the command; null if the server has no users. */
  readonly actor: string | null;
  readonly action: ControlAction;
  readonly changes: readonly ControlChange[];
}
