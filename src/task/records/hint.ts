import type { Priority } from "../definition/priority.ts";

/**
 * The partition of the tasks of a limited queue that have no limits themselves. It is not a name of
 * a definition.
 */
export const QUEUE_PARTITION = "*";

/**
 * A hint: "task X is probably ready". It may be late, lost, duplicated or forged: the claim in the
 * database decides.
 */
export interface Hint {
  readonly taskId: string;
  readonly queue: string;
  readonly priority: Priority;
  /**
   * Partition of a limited task: the name of its definition, or `QUEUE_PARTITION` if only its queue
   * is limited. Such a hint means that tasks of the partition are probably ready; there is at most
   * one hint for all of them.
   */
  readonly partition?: string;
  /**
   * Of a partition with several keys: reached limits of other keys do not concern this task, so the
   * partition is fetched now.
   */
  readonly wakes?: boolean;
}
