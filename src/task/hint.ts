import type { Priority } from "./priority.ts";

/** "Task X is probably ready." May be late, lost, doubled or forged: the claim in the database decides. */
export interface Hint {
  readonly taskId: string;
  readonly queue: string;
  readonly priority: Priority;
}
