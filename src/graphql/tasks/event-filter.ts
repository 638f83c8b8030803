import type { TaskFilter, TimeRange } from "../../store/reading/task-reader.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { badUserInput } from "../errors.ts";

/** Conditions on columns that events do not carry. */
const BEYOND_EVENTS = [
  "fingerprint",
  "uniqueKey",
  "search",
  "argsContain",
] as const satisfies readonly (keyof TaskFilter)[];

/**
 * Returns a predicate on the task of an event.
 * @throws GraphQLError (BAD_USER_INPUT) for conditions that events cannot answer
 */
export function eventFilter(filter: TaskFilter): (task: TaskSummary) => boolean {
  const beyond = BEYOND_EVENTS.find((key) => filter[key] !== undefined);
  if (beyond !== undefined) {
    throw badUserInput(
      `filter.${beyond}: cannot be used in a subscription, because events do not carry this value. ` +
        "Use ids, states, names, queues, workers, tags, scheduleId, createdAt, finishedAt or runTime, or query tasks.",
    );
  }
  const sets = {
    ids: toSet(filter.ids),
    states: toSet(filter.states),
    names: toSet(filter.names),
    queues: toSet(filter.queues),
    workers: toSet(filter.workers),
  };
  return (task) =>
    has(sets.ids, task.id) &&
    has(sets.states, task.state) &&
    has(sets.names, task.name) &&
    has(sets.queues, task.queue) &&
    has(sets.workers, task.workerName) &&
    (filter.scheduleId === undefined || filter.scheduleId === task.scheduleId) &&
    (filter.tags === undefined || filter.tags.some((tag) => task.tags.includes(tag))) &&
    within(filter.createdAt, task.createdAt) &&
    within(filter.finishedAt, task.finishedAt) &&
    ran(filter.runTime, task);
}

function toSet(values: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return values && new Set(values);
}

function has(set: ReadonlySet<string> | undefined, value: string | null): boolean {
  return set === undefined || (value !== null && set.has(value));
}

function within(range: TimeRange | undefined, time: Date | null): boolean {
  if (range === undefined) return true;
  return time !== null && !(range.from && time < range.from) && !(range.to && time >= range.to);
}

function ran(range: TaskFilter["runTime"], { startedAt, finishedAt }: TaskSummary): boolean {
  if (range === undefined) return true;
  if (startedAt === null || finishedAt === null) return false;
  const runTime = finishedAt.getTime() - startedAt.getTime();
  return runTime >= (range.min ?? 0) && runTime <= (range.max ?? Infinity);
}
