import { type FilterQuery, type InferEntity, raw } from "@mikro-orm/postgresql";
import type { TaskFilter, TimeRange } from "./task-reader.ts";
import type { TaskEntity } from "./task-entity.ts";

export type TaskRow = InferEntity<typeof TaskEntity>;
export type TaskWhere = FilterQuery<TaskRow>;

/**
 * Returns a filter without its search as conditions for the ORM. Built from scalars only: no object
 * of the caller becomes structure of the query.
 */
export function whereOf(filter: TaskFilter): TaskWhere[] {
  const conditions: TaskWhere[] = [];
  const oneOf = (
    key: "id" | "state" | "name" | "queue" | "workerName",
    values: readonly string[] | undefined,
  ): void => {
    if (values) conditions.push({ [key]: { $in: [...values] } } as TaskWhere);
  };
  oneOf("id", filter.ids);
  oneOf("state", filter.states);
  oneOf("name", filter.names);
  oneOf("queue", filter.queues);
  oneOf("workerName", filter.workers);
  if (filter.tags) conditions.push({ tags: { $overlap: [...filter.tags] } } as TaskWhere);
  if (filter.scheduleId !== undefined) conditions.push({ scheduleId: filter.scheduleId });
  if (filter.uniqueKey !== undefined) conditions.push({ uniqueKey: filter.uniqueKey });
  if (filter.argsContain) conditions.push({ input: { $contains: filter.argsContain } } as TaskWhere);
  conditions.push(...timesOf(filter));
  if (filter.fingerprint !== undefined) {
    conditions.push({ [raw("error->>'fingerprint'")]: filter.fingerprint } as TaskWhere);
  }
  return conditions;
}

function timesOf({ createdAt, finishedAt, runTime }: TaskFilter): TaskWhere[] {
  const conditions = [...within("createdAt", createdAt), ...within("finishedAt", finishedAt)];
  if (runTime?.min !== undefined) conditions.push({ [raw(RUN_TIME_MS)]: { $gte: runTime.min } } as TaskWhere);
  if (runTime?.max !== undefined) conditions.push({ [raw(RUN_TIME_MS)]: { $lte: runTime.max } } as TaskWhere);
  return conditions;
}

function within(column: "createdAt" | "finishedAt", range: TimeRange | undefined): TaskWhere[] {
  return [
    ...(range?.from ? [{ [column]: { $gte: range.from } } as TaskWhere] : []),
    ...(range?.to ? [{ [column]: { $lt: range.to } } as TaskWhere] : []),
  ];
}

/**
 * Whole milliseconds, as in the Dates of a record: so a cursor made from a record finds its position
 * again.
 */
const millisecondsOf = (column: string): string => `floor(extract(epoch from ${column}) * 1000)::bigint`;
export const FINISHED_AT_MS = millisecondsOf("finished_at");
export const RUN_TIME_MS = `(${millisecondsOf("finished_at")} - ${millisecondsOf("started_at")})`;
export const WAIT_TIME_MS = `(${millisecondsOf("started_at")} - ${millisecondsOf("queued_at")})`;
