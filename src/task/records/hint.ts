import type { Priority } from "../definition/priority.ts";

/** The lane of a limited queue's tasks that have no limits of their own. No name of a definition. */
export const QUEUE_LANE = "*";

/** "Task X is probably ready." May be late, lost, doubled or forged: the claim in the database decides. */
export interface Hint {
  readonly taskId: string;
  readonly queue: string;
  readonly priority: Priority;
  /**
   * Of a task that is limited: its lane, which is its definition's name, or `QUEUE_LANE` where its queue is limited and it is not. A hint with a
   * lane says that tasks of this lane are probably ready, this one or others: there is no more than one for all of them.
   */
  readonly lane?: string;
  /** Of a lane with several keys: that the others' limits are reached says nothing about this task, so the lane is to be looked at now. */
  readonly wakes?: boolean;
}
