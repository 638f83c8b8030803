import type { Priority } from "../definition/priority.ts";

/** The partition of a limited queue's tasks that have no limits of their own. No name of a definition. */
export const QUEUE_PARTITION = "*";

/** "Task X is probably ready." May be late, lost, doubled or forged: the claim in the database decides. */
export interface Hint {
  readonly taskId: string;
  readonly queue: string;
  readonly priority: Priority;
  /**
   * Of a task that is limited: its partition, which is its definition's name, or `QUEUE_PARTITION` where its queue is limited and it is not. A hint with a
   * partition says that tasks of this partition are probably ready, this one or others: there is no more than one for all of them.
   */
  readonly partition?: string;
  /** Of a partition with several keys: that the others' limits are reached says nothing about this task, so the partition is to be looked at now. */
  readonly wakes?: boolean;
}
