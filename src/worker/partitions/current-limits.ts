import type { TaskLimits } from "../../task/limits/limits.ts";
import type { Rate } from "../../task/limits/rate.ts";

/** What limits all tasks of a queue together. */
export interface LimitsOfQueue {
  readonly max: number | null;
  readonly rate: Rate | null;
}

/** The limits that hold now. */
export interface CurrentLimits {
  /** Of a definition; null where it has none. */
  ofTask(name: string): TaskLimits | null;
  /** Whether the tasks of a definition are to wait. */
  isPaused(name: string): boolean;
  /** Of a queue; null where it has none. */
  ofQueue(queue: string): LimitsOfQueue | null;
}
