import type { NewTask } from "./task-store.ts";

/** Who has a key that a new task would have. */
export interface KeyHolder {
  readonly taskId: string;
  /** `"slot"`: of its schedule. */
  readonly key: "idempotency" | "unique" | "slot";
  /** Whether its name and input are those of the new task; where they are not, an idempotency key is a conflict. */
  readonly same: boolean;
}

/** What a task that is not there yet would meet. */
export interface DryRunRow {
  /** Where there is more than one: an idempotency key, which says more, comes first. */
  readonly holders: readonly KeyHolder[];
  readonly queuePaused: boolean;
  /** QUEUED tasks of its queue with its priority or a higher one, counted no further than the limit. */
  readonly waitingBefore: number;
}

export interface DryRunStore {
  look(row: NewTask, limit: number): Promise<DryRunRow>;
}
