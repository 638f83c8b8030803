import type { JsonObject } from "../../lib/json.ts";

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

/** What a command changed of one worker name, or of one task definition. */
export interface ControlChange {
  /** Name of the workers or of the definition. */
  readonly target: string;
  /** What was told before and after; null for a command that changes no settings. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

/** One command: who gave it, when, and what it changed. */
export interface ControlEntry {
  /** Rises with every entry. */
  readonly id: number;
  readonly at: Date;
  /** Who gave it; null where nobody has to say. */
  readonly actor: string | null;
  readonly action: ControlAction;
  readonly changes: readonly ControlChange[];
}
