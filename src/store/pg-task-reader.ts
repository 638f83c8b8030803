import { type EntityManager, type MikroORM, type QueryOrderMap, raw } from "@mikro-orm/postgresql";
import { priorityOf } from "../task/priority.ts";
import type { TaskRecord } from "../task/task.ts";
import { TaskEntity } from "./entities.ts";
import { toAttempts, toError, toProgress, toRevocation } from "./rows.ts";
import { databaseFailure } from "./pg-failure.ts";
import { decodeCursor, encodeCursor, type TaskPlace } from "./task-cursor.ts";
import type {
  FacetCount,
  PageRequest,
  TaskFacets,
  TaskFilter,
  TaskOrder,
  TaskPage,
  TaskReader,
} from "./task-reader.ts";
import {
  FINISHED_AT_MS,
  RUN_TIME_MS,
  type TaskRow,
  type TaskWhere,
  WAIT_TIME_MS,
  whereOf,
} from "./task-where.ts";

/** UUIDv7 keys are in order of creation, so the newest tasks are the end of the primary key. */
const EXPRESSIONS = {
  CREATED_AT: null,
  FINISHED_AT: FINISHED_AT_MS,
  RUN_TIME: RUN_TIME_MS,
  WAIT_TIME: WAIT_TIME_MS,
} as const satisfies Record<TaskOrder["field"], string | null>;

/** Reads tasks through the ORM. Rows are returned as plain records, nothing stays in an identity map. */
export class PgTaskReader implements TaskReader {
  constructor(private readonly orm: MikroORM) {}

  async byIds(ids: readonly string[]): Promise<(TaskRecord | null)[]> {
    const rows = await this.#read((em) =>
      em.find(TaskEntity, { id: { $in: [...ids] } }, { disableIdentityMap: true }),
    );
    const byId = new Map(rows.map((row) => [row.id, toRecord(row)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async page(request: PageRequest): Promise<TaskPage> {
    const { order, fromEnd = false, limit } = request;
    const expression = EXPRESSIONS[order.field];
    const conditions = whereOf(request.filter);
    if (expression) conditions.push({ [raw(expression)]: { $ne: null } } as TaskWhere);
    for (const side of ["after", "before"] as const) {
      const cursor = request[side];
      if (cursor !== undefined) conditions.push(beyond(decodeCursor(cursor, order, side), order, side));
    }
    // From the end: walk the other way, then turn the rows round.
    const direction = (order.direction === "ASC") === fromEnd ? "desc" : "asc";
    const orderBy: QueryOrderMap<TaskRow>[] = [
      ...(expression ? [{ [raw(expression)]: direction } as QueryOrderMap<TaskRow>] : []),
      { id: direction },
    ];
    const rows = await this.#read((em) =>
      em.find(TaskEntity, { $and: conditions }, { orderBy, limit: limit + 1, disableIdentityMap: true }),
    );
    const records = rows.slice(0, limit).map(toRecord);
    return { rows: fromEnd ? records.reverse() : records, hasMore: rows.length > limit };
  }

  cursorOf(task: TaskRecord, order: TaskOrder): string {
    return encodeCursor(task, order);
  }

  async count(filter: TaskFilter, limit: number): Promise<number> {
    return (await this.ids(filter, limit)).length;
  }

  async facets(filter: TaskFilter, limit: number): Promise<TaskFacets> {
    const rows = await this.#read((em) =>
      em.find(
        TaskEntity,
        { $and: whereOf(filter) },
        {
          fields: ["state", "name", "queue", "workerName"],
          orderBy: { id: "desc" },
          limit,
          disableIdentityMap: true,
        },
      ),
    );
    return {
      states: countValues(rows.map((row) => row.state)),
      names: countValues(rows.map((row) => row.name)),
      queues: countValues(rows.map((row) => row.queue)),
      workers: countValues(rows.flatMap((row) => row.workerName ?? [])),
    };
  }

  async ids(filter: TaskFilter, limit: number, afterId?: string): Promise<string[]> {
    const conditions = whereOf(filter);
    if (afterId !== undefined) conditions.push({ id: { $lt: afterId } });
    const rows = await this.#read((em) =>
      em.find(
        TaskEntity,
        { $and: conditions },
        { fields: ["id"], orderBy: { id: "desc" }, limit, disableIdentityMap: true },
      ),
    );
    return rows.map((row) => row.id);
  }

  async activeOf(workerIds: readonly string[]): Promise<TaskRecord[]> {
    const rows = await this.#read((em) =>
      em.find(
        TaskEntity,
        { state: "STARTED", workerId: { $in: [...workerIds] } },
        { orderBy: { id: "asc" }, disableIdentityMap: true },
      ),
    );
    return rows.map(toRecord);
  }

  async #read<Result>(work: (em: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.orm.em.fork());
    } catch (error) {
      throw databaseFailure(error);
    }
  }
}

/** Rows after (or before) a place, in the order asked for. */
function beyond(place: TaskPlace, order: TaskOrder, side: "after" | "before"): TaskWhere {
  const operator = (order.direction === "ASC") === (side === "after") ? "$gt" : "$lt";
  const expression = EXPRESSIONS[order.field];
  if (expression === null) return { id: { [operator]: place.id } } as TaskWhere;
  return {
    $or: [
      { [raw(expression)]: { [operator]: place.value } },
      { [raw(expression)]: place.value, id: { [operator]: place.id } },
    ],
  } as TaskWhere;
}

function toRecord(row: TaskRow): TaskRecord {
  return {
    ...row,
    input: row.input ?? null,
    output: row.output ?? null,
    error: toError(row.error),
    priority: priorityOf(row.priority),
    tags: row.tags ?? [],
    progress: toProgress(row.progress ?? null),
    attempts: toAttempts(row.attempts),
    scheduleId: row.scheduleId ?? null,
    revocation: toRevocation(row.revocation),
  } as TaskRecord;
}

/** Most frequent first. */
function countValues(values: readonly string[]): FacetCount[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
