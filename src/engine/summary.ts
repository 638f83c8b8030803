import type { ClaimedTask } from "../store/task-store.ts";
import type { TaskSummary } from "../task/task.ts";

/** The small columns of a claimed task: what events carry, without the input. */
export function summaryOf(task: ClaimedTask): TaskSummary {
  const { input: _input, timeLimitMs: _limit, idempotencyKey: _key, ...summary } = task;
  return summary;
}
