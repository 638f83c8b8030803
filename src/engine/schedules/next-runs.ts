import type { ScheduleSummary } from "../../task/schedule/schedule.ts";
import { openSlots } from "./slot-decider.ts";

/** The slots to come of a schedule, at most `count`; none while it is disabled, has ended or cannot be used. */
export function nextRunsOf(record: ScheduleSummary, count: number, now: Date): Date[] {
  const { enabled, problem, startAt, endAt, maxRuns, totalRunCount } = record;
  if (!enabled || problem !== null) return [];
  const left = maxRuns === null ? count : Math.min(count, Math.max(0, maxRuns - totalRunCount));
  const from = startAt !== null && startAt > now ? new Date(startAt.getTime() - 1) : now;
  const runs = openSlots(record).take(left, from);
  return endAt === null ? runs : runs.filter((run) => run <= endAt);
}
